"""`troth replay` and `troth sweep`, from command to result: open what is needed, look, plan, keep proof."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from troth.app import burying, erasing, ledgers, people, replaying
from troth.app import project as projects
from troth.app.clock import Clock, Moment
from troth.app.people import Everywhere
from troth.app.replaying import Copy, Returned
from troth.backups.gone import LastCopy
from troth.errors import StoreError
from troth.ledger.records import ErasureRecord
from troth.problems import BadInput, Problem, nearest
from troth.rights import tasks
from troth.rights.model import ErasurePlan, Unlooked
from troth.stores.sql.digests import LeftOut


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody asks of a replay."""

    store: str
    restored_from: str
    """`backup:12`, the name of a registered copy, an instant or a day."""
    untouched: bool
    """They state that nothing was written to the store since it was restored."""
    plan: bool
    """A plan is to be made of what came with the copy."""
    by: str


@dataclass(frozen=True, kw_only=True)
class Replayed:
    """What a replay found, and the plan made of it."""

    copy: Copy
    found: Returned
    plan: ErasurePlan | None
    problems: tuple[Problem, ...] = ()


def replay(
    wish: Wish, folder: Path, environment: Mapping[str, str], clock: Clock, moment: Moment
) -> Replayed:
    """Look in a restored store for people erased after the copy was made; plan their erasure.

    Raises:
        BadInput: the project has faults, or has no such store.
        Refused: the copy cannot be told.
        StoreError: the store cannot be opened, or stops answering.
    """
    project = projects.load(folder, moment.at.date())
    if wish.store not in project.datamap.stores:
        raise _unknown(wish.store, tuple(project.datamap.stores))
    with (
        people.everywhere(project, environment, moment, readonly=True) as where,
        ledgers.opened(folder, environment, clock) as ledger,
    ):
        wrong = replaying.closed(where, wish.store)
        if wrong is not None:
            again = "Then replay again: nothing was looked at, and nothing is lost."
            raise StoreError(
                f"`{wish.store}` was not replayed. {wrong.message}", hint=f"{wrong.hint} {again}".strip()
            )
        copied = replaying.copy(ledger, wish.store, wish.restored_from)
        found = replaying.look(
            where, ledger, [wish.store], after=copied.made, untouched=wish.untouched, thorough=True
        )
        made, problems = None, tuple[Problem, ...]()
        if found.restored:
            selected = replaying.manifest(where, found)
            alone = only(where, wish.store)
            shared = tuple(one for one in selected.common if one.what.startswith(f"{wish.store}."))
            found = replace(found, left=(*found.left, *(LeftOut(what=u.what, why=u.why) for u in shared)))
            made, problems = erasing.make(alone, ledger, selected.manifest, moment, by=None, common=shared)
            made = made if made is not None and made.steps else None
            looking = moment.simulation and not clock.test
            if made is not None and wish.plan and not looking:
                made, problems = erasing.make(
                    alone, ledger, selected.manifest, moment, by=wish.by, common=shared
                )
        if not moment.simulation:
            replaying.note(
                ledger, wish.store, found, copied, untouched=wish.untouched, by=wish.by, at=clock.now()
            )
    return Replayed(copy=copied, found=found, plan=made, problems=problems)


def only(where: Everywhere, store: str) -> Everywhere:
    """Leave one store to work on: the others were not restored, and a plan for this one says so of them."""
    ways = {name: found for name, found in where.ways.items() if name.partition(".")[0] == store}
    others = tuple(
        Unlooked(what=name, why=f"it was not restored; this plan is for `{store}` alone")
        for name, declared in where.project.datamap.stores.items()
        if name != store and not tasks.by_a_person(declared)
    )
    return replace(where, stores={store: where.stores[store]}, ways=ways, unlooked=others)


def sweep(
    folder: Path,
    environment: Mapping[str, str],
    clock: Clock,
    moment: Moment,
    *,
    stores: tuple[str, ...],
    by: str,
) -> Returned:
    """Look in every store for people who had been erased; nothing is changed.

    Raises:
        BadInput: the project has faults, or has no such store.
        StoreError: a store stops answering.
    """
    project = projects.load(folder, moment.at.date())
    for name in stores:
        if name not in project.datamap.stores:
            raise _unknown(name, tuple(project.datamap.stores))
    with (
        people.everywhere(project, environment, moment, readonly=True) as where,
        ledgers.opened(folder, environment, clock) as ledger,
    ):
        declared = project.datamap.stores
        wanted = stores or tuple(n for n, store in declared.items() if not tasks.by_a_person(store))
        found = replaying.look(where, ledger, wanted)
        if not moment.simulation:
            replaying.note_sweep(ledger, found, by=by, at=clock.now())
    return found


def erasures(
    folder: Path, environment: Mapping[str, str], clock: Clock, moment: Moment
) -> tuple[tuple[ErasureRecord, LastCopy], ...]:
    """List every erasure that is done, with the day the last copy that may hold its people is gone."""
    today = moment.at.date()
    policy = projects.load(folder, today).policy
    with ledgers.opened(folder, environment, clock) as ledger:
        return tuple(
            (one, burying.last_copy(ledger, one.stores, one.erased_at, policy, today=today))
            for one in ledger.tombstones.erasures()
        )


def close(
    person: str, folder: Path, environment: Mapping[str, str], clock: Clock, *, reason: str, by: str
) -> None:
    """Say that an erased person lawfully came back."""
    with ledgers.opened(folder, environment, clock) as ledger:
        burying.close(ledger, person, reason=reason, by=by, at=clock.now())


def _unknown(found: str, valid: tuple[str, ...]) -> BadInput:
    close_ = nearest(found, valid)
    problem = Problem(
        code="unknown-name",
        message="The data map has no store of this name.",
        found=found,
        valid=valid,
        nearest=close_,
        hint=f"Write `{close_}`." if close_ else "Name one of the stores of the data map.",
    )
    return BadInput([problem])

"""Check every promise: look at the stores, patiently, judge, and keep proof of what was found.

A store that does not answer is part of the result, not the end of it. A simulation leaves no trace.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from troth.app import history, ledgers, looking, retention, stores
from troth.app import project as projects
from troth.app.clock import Clock, Moment
from troth.app.project import Project
from troth.app.requests import sums as request_sums
from troth.app.stores import Stores
from troth.errors import StoreError
from troth.holds import register
from troth.ledger.ledger import Ledger
from troth.ledger.staff import reference
from troth.plan import draft as drafting
from troth.plan.draft import Draft
from troth.plan.seal import Answer
from troth.problems import BadInput, Problem, nearest
from troth.promises import evidence, report
from troth.promises.checks import CHECKS
from troth.promises.given import Copies, Given, Hold, Look, Own, Restraint, Uses
from troth.promises.report import Report
from troth.stores.sql import measure


def check(
    folder: Path,
    environment: Mapping[str, str],
    clock: Clock,
    moment: Moment,
    *,
    only: Sequence[str] = (),
    by: str,
) -> Report:
    """Check the promises of a project and keep evidence of it, unless it is a simulation.

    Raises:
        BadInput: when the project has faults, or a block is named that there is not.
    """
    _check_blocks(only)
    project = projects.load(folder, moment.at.date())
    with (
        stores.opened(project, environment, readonly=True, patient=True) as opened,
        ledgers.opened(folder, environment, clock) as ledger,
    ):
        given = _look(project, opened, ledger, clock, moment)
        made = report.check(given, only=only)
        if not made.simulation:
            _keep(ledger, given, made, by)
    return made


def _look(project: Project, opened: Stores, ledger: Ledger, clock: Clock, moment: Moment) -> Given:
    looked, unclear = retention.seen(project, opened, ledger, moment.at)
    draft = drafting.draft(looked, grace=True)
    answers, failed = _answers(draft, opened)
    now = clock.now()
    looks = {name: Look(at=now) for name in opened.catalogs if name not in failed}
    for name, error in {**opened.unreachable, **failed}.items():
        before = ledger.looks.last(name)
        looks[name] = Look(at=before.at if before else None, trouble=error.message)
    return Given(
        world=looked,
        draft=draft,
        answers=answers,
        looks=looks,
        now=now,
        places=project.reading.spans,
        own=_own(ledger, now),
        copies=_copies(ledger),
        uses=_uses(ledger),
        requests=request_sums.requests(ledger, project, moment.at, now),
        holds=_holds(ledger, unclear),
    )


def _own(ledger: Ledger, now: datetime) -> Own:
    return Own(
        staff=ledger.staff.count(),
        holds=len(register.standing(ledger)),
        overdue=len(register.due(ledger, on=now.date())),
    )


def _holds(ledger: Ledger, unclear: Sequence[Problem]) -> tuple[Hold, ...]:
    """Read the register of holds."""
    odd = {problem.about for problem in unclear}
    return tuple(
        Hold(
            reference=hold.id,
            ground=hold.ground.value,
            owned=bool(hold.owner),
            review=hold.review,
            stands=hold.lifted_at is None,
            clear=hold.id not in odd,
        )
        for hold in register.read(ledger)
    )


def _uses(ledger: Ledger) -> Uses:
    """Read what is known of restrictions, corrections and objections."""
    every = ledger.restrictions.read()
    open_ = tuple(
        Restraint(
            reference=one.reference,
            state=one.state,
            proof=one.proof,
            readable=one.readable,
            proven_at=one.proven_at,
        )
        for one in every
        if one.lifted_at is None
    )
    return Uses(
        restrictions=open_,
        ever=len(every),
        rectifications=ledger.rectifications.count(),
        objections=len(ledger.objections.read()),
    )


def _copies(ledger: Ledger) -> dict[str, Copies]:
    """Read the register of backups."""
    heard: dict[str, datetime] = {}
    for source in ledger.backup_sets.sources():
        heard[source.store] = max(source.at, heard.get(source.store, source.at))
    sets = ledger.backup_sets.read(standing=True)
    return {
        store: Copies(heard=at, standing=tuple((s.made, s.ends) for s in sets if s.store == store))
        for store, at in heard.items()
    }


def _answers(draft: Draft, opened: Stores) -> tuple[dict[str, tuple[Answer, ...]], dict[str, StoreError]]:
    """Ask every store; one that fails on the way is set aside."""
    found: dict[str, tuple[Answer, ...]] = {}
    failed: dict[str, StoreError] = {}
    for name, catalog in opened.catalogs.items():
        surveys = [s for s in draft.surveys if s.dataset.partition(".")[0] == name]
        try:
            found.update(measure.measure(opened.engines[name], catalog, surveys))
        except StoreError as error:
            failed[name] = error
    return found, failed


def _keep(ledger: Ledger, given: Given, made: Report, by: str) -> None:
    """Write down when the stores were looked at and what was found, and sign it."""
    with ledger.writing():
        for name, look in given.looks.items():
            if look.at is not None and not look.trouble:
                fingerprint = given.world.catalogs[name].fingerprint
                ledger.looks.note(name, at=look.at, fingerprint=fingerprint)
        who = reference(ledger.staff.identify(by, at=given.now))
        ledger.append(*evidence.entries(made, at=given.now, by=who))
        history.keep(ledger, made, at=given.now)
        away = {name: look.trouble for name, look in given.looks.items() if look.trouble}
        looking.keep(ledger, given.world.datamap, given.world.catalogs, away, at=given.now)
    ledger.checkpoint(at=given.now)


def _check_blocks(only: Sequence[str]) -> None:
    valid = tuple(dict.fromkeys(kind.partition(".")[0] for kind in CHECKS))
    problems = [
        Problem(
            code="unknown-name",
            message="--only names no block of promises.",
            found=name,
            valid=valid,
            nearest=nearest(name, valid),
            hint="Name one of the blocks, as --only retention.",
        )
        for name in only
        if name not in valid
    ]
    if problems:
        raise BadInput(problems)

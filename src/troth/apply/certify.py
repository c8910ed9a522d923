"""Write the certificate of an erasure from the plan, what its run did, and what the recheck found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from troth.apply import recheck
from troth.apply.erase import StoreResult
from troth.apply.people import Residue
from troth.apply.recheck import Look, Rechecked
from troth.evidence.instants import instant
from troth.people.entries import Way
from troth.rights import certificate as certificates
from troth.rights.certificate import AtStore, Certificate, Gone, Left, Looked, Outcome, Stays
from troth.rights.model import EraseRows, ErasurePlan, ErasureStep, Task, Unlooked


def certificate(
    plan: ErasurePlan,
    results: Sequence[StoreResult],
    rechecked: Rechecked,
    ways: Mapping[str, tuple[Way, ...]],
    *,
    last_copy: str = "",
    due: str = "",
) -> Certificate:
    """Put together what is known of an erasure.

    Args:
        plan: What was to be done.
        results: What came of each store of the plan.
        rechecked: What was found on looking again.
        ways: How rows reach people.
        last_copy: When the last backup copy is gone, in words.
        due: By when people are to see to what was found; empty where nobody is asked to.
    """
    left = tuple(_left(plan, rechecked, ways))
    seen = recheck.instant(rechecked)
    steps = dict(enumerate(plan.steps, 1))
    mended = tuple(
        _gone(steps[number], rows) for look in rechecked.looks for number, rows in look.mended.items() if rows
    )
    return Certificate(
        organisation=plan.organisation,
        plan=plan.hash,
        people=plan.people,
        at=instant(seen) if seen else "",
        outcome=outcome(plan, results, rechecked, left),
        gone=tuple(_all_gone(plan, results)),
        kept=tuple(one for one in plan.spared if one.rows),
        tasks=(*plan.tasks, *(_residual(left, due) if due else ())),
        left=left,
        stays=tuple(_stays(rechecked)),
        arriving=tuple(dict.fromkeys(_arriving(plan, rechecked))),
        mended=mended,
        looked=tuple(
            Looked(dataset=one.dataset, rows=one.rows, bytes=one.bytes, columns=one.columns)
            for look in rechecked.looks
            if look.scanned
            for one in look.scanned.coverage
        ),
        unlooked=tuple(dict.fromkeys(_unlooked(plan, rechecked))),
        stores=tuple(_at_store(name, results, rechecked) for name in _names(plan, rechecked)),
        passes=recheck.passes(rechecked.looks),
        last_copy=last_copy,
    )


def outcome(
    plan: ErasurePlan, results: Sequence[StoreResult], rechecked: Rechecked, left: Sequence[Left]
) -> Outcome:
    """Say in one word what came of an erasure; what is doubtful is never *done*."""
    failed = [one for one in results if one.state in ("failed", "refused")]
    if failed and len(failed) == len(results):
        return "failed"
    lost = any(look.message for look in rechecked.looks) or _closed(plan) or _passed_over(plan, rechecked)
    arriving = list(_arriving(plan, rechecked))
    stuck = any(not one.shared for one in left if not (one.how == "row" and one.dataset in arriving))
    if failed or lost or stuck or plan.tasks or not rechecked.looks:
        return "partial"
    if arriving:
        return "still-arriving"
    if not plan.steps and not any(rows for _, rows in plan.counted):
        return "not-found"
    stays = any(look.scanned.stayed for look in rechecked.looks if look.scanned)
    return "kept" if stays or any(one.rows for one in plan.spared) else "done"


def _passed_over(plan: ErasurePlan, rechecked: Rechecked) -> bool:
    """Tell whether a dataset in which the people may stand could not be looked at this time."""
    theirs = {dataset for dataset, _ in plan.counted}
    seen = {one.dataset for look in rechecked.looks if look.scanned for one in look.scanned.coverage}
    named = {what for look in rechecked.looks if look.scanned for what, _ in look.scanned.unlooked}
    return bool((named & theirs) - seen)


def _closed(plan: ErasurePlan) -> bool:
    """Tell whether a whole store could not be looked at when the plan was made."""
    return any(one.what.startswith("store ") for one in plan.unlooked)


def _arriving(plan: ErasurePlan, rechecked: Rechecked) -> Iterator[str]:
    for look in rechecked.looks:
        yield from (plan.steps[number - 1].dataset for number in sorted(look.arriving))


def _left(plan: ErasurePlan, rechecked: Rechecked, ways: Mapping[str, tuple[Way, ...]]) -> Iterator[Left]:
    for look in rechecked.looks:
        for number, rows in sorted(look.left.items()):
            dataset = plan.steps[number - 1].dataset
            yield Left(dataset=dataset, column="", kind="", how="row", rows=rows, declared=True)
    yield from (_residue(one, ways) for one in rechecked.residues)


def _residual(left: Sequence[Left], due: str) -> tuple[Task, ...]:
    """List a task for every place; rows that a step missed are for the plan to do again."""
    found = (certificates.residual(one, due) for one in left if one.how != "row" and not one.shared)
    return tuple(dict.fromkeys(found))


def _residue(one: Residue, ways: Mapping[str, tuple[Way, ...]]) -> Left:
    return Left(
        dataset=one.dataset,
        column=one.column,
        kind=one.kind,
        how=one.how,
        rows=one.rows,
        declared=one.declared,
        shared=recheck.is_shared(one, ways),
    )


def _stays(rechecked: Rechecked) -> Iterator[Stays]:
    for look in rechecked.looks:
        for one in look.scanned.stayed if look.scanned else ():
            why = rechecked.keeping[one.rule].spared
            yield Stays(
                dataset=one.dataset,
                column=one.column,
                kind=one.kind,
                how=one.how,
                rows=one.rows,
                reason=why.reason,
                detail=why.detail,
            )


def _all_gone(plan: ErasurePlan, results: Sequence[StoreResult]) -> Iterator[Gone]:
    done = {number: rows for one in results for number, rows in one.rows.items()}
    again = {one.store for one in results if one.state == "already-applied" and not any(one.rows.values())}
    for number, step in enumerate(plan.steps, 1):
        rows = step.rows if step.dataset.partition(".")[0] in again else done.get(number, 0)
        if rows:
            yield _gone(step, rows)


def _gone(step: ErasureStep, rows: int) -> Gone:
    if isinstance(step, EraseRows):
        return Gone(dataset=step.dataset, fields=(), how="deleted", rows=rows)
    names = tuple(dict.fromkeys(change.column for change in step.changes))
    return Gone(dataset=step.dataset, fields=names, how=step.why, rows=rows)


def _unlooked(plan: ErasurePlan, rechecked: Rechecked) -> Iterator[Unlooked]:
    yield from plan.unlooked
    for look in rechecked.looks:
        if look.message:
            yield Unlooked(what=f"store {look.store}", why=look.message.rstrip("."))
        if look.scanned:
            yield from (Unlooked(what=what, why=why) for what, why in look.scanned.unlooked)


def _names(plan: ErasurePlan, rechecked: Rechecked) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*plan.stores, *(look.store for look in rechecked.looks))))


def _at_store(name: str, results: Sequence[StoreResult], rechecked: Rechecked) -> AtStore:
    result = next((one for one in results if one.store == name), None)
    look: Look | None = next((one for one in rechecked.looks if one.store == name), None)
    looked = instant(look.at) if look and look.at else ""
    state = result.state if result else "looked-at" if looked else "not-looked-at"
    purged = result.purged if result else None
    notes = (
        result.message if result else "",
        *(purged.notes if purged else ()),
        look.message if look else "",
    )
    return AtStore(
        store=name,
        state=state,
        looked=looked,
        readable=purged.readable if purged else (),
        notes=tuple(dict.fromkeys(filter(None, notes))),
    )

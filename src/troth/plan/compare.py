"""What changed from one plan to another: steps, counts, what stays and why, and what they were made from.

`troth plan diff A B` prints the lines. Steps are matched by what they do, not by their number.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeVar

from troth.plan.model import Basis, ChangeFields, Kept, Plan, Step, Tally

Key = TypeVar("Key")


def compare(a: Plan, b: Plan) -> tuple[str, ...]:
    """Return the differences as lines, `+` for what only B has, `-` for what only A has, `~` for what moved.

    Nothing is returned for plans that would do the same for the same reasons; their instants may differ.
    """
    return (*_basis(a.basis, b.basis), *_steps(a, b), *_kept(a, b), *_unproven(a, b), *_warnings(a, b))


def _basis(a: Basis, b: Basis) -> Iterator[str]:
    if a.rules != b.rules:
        yield "~ basis: the rules have changed (policy or data map)"
    before, after = dict(a.structure), dict(b.structure)
    for store in sorted(before.keys() | after.keys()):
        if before.get(store) != after.get(store):
            how = "is new" if store not in before else "is gone" if store not in after else "has changed"
            yield f"~ basis: the structure of store {store} {how}"
    for hold in sorted({*b.holds} - {*a.holds}):
        yield f"+ basis: {hold} is in force"
    for hold in sorted({*a.holds} - {*b.holds}):
        yield f"- basis: {hold} is no longer in force"
    if a.facts != b.facts and a.holds == b.holds:
        yield "~ basis: a hold, or how a store writes its dates, has changed"


def _steps(a: Plan, b: Plan) -> Iterator[str]:
    before, after = _by_deed(a), _by_deed(b)
    for name in _either(before, after):
        old, new = before.get(name), after.get(name)
        if old is None and new is not None:
            yield f"+ step {name}: {_rows(new.planned)}"
        elif new is None and old is not None:
            yield f"- step {name}: {_rows(old.planned)}"
        elif old is not None and new is not None:
            yield from _moved(f"step {name}", old.planned, new.planned)
            if isinstance(old, ChangeFields) and isinstance(new, ChangeFields) and old.changes != new.changes:
                yield f"~ step {name}: other fields are changed"


def _by_deed(plan: Plan) -> dict[str, Step]:
    found: dict[str, Step] = {}
    for step in plan.steps:
        deed = step.id.partition("-")[2]
        again = sum(name.split(" #")[0] == deed for name in found)
        found[f"{deed} #{again + 1}" if again else deed] = step
    return found


def _kept(a: Plan, b: Plan) -> Iterator[str]:
    before, after = ({(k.dataset, k.reason, k.detail): k for k in plan.kept} for plan in (a, b))
    for key in _either(before, after):
        old, new = before.get(key), after.get(key)
        dataset, reason, detail = key
        what = f"kept {dataset} {reason} ({detail})"
        if old is None and new is not None:
            yield f"+ {what}: {_rows(new.tally)}"
        elif new is None and old is not None:
            yield f"- {what}: {_rows(old.tally)}"
        elif old is not None and new is not None:
            yield from _moved(what, old.tally, new.tally)
            yield from _review(what, old, new)


def _review(what: str, old: Kept, new: Kept) -> Iterator[str]:
    if old.review != new.review:
        yield f"~ {what}: review {old.review or 'never'} → {new.review or 'never'}"


def _unproven(a: Plan, b: Plan) -> Iterator[str]:
    before, after = ({(u.promise, u.dataset, u.message) for u in plan.unproven} for plan in (a, b))
    yield from (f"+ unproven {p} on {d}: {m}" for p, d, m in sorted(after - before))
    yield from (f"- unproven {p} on {d}: {m}" for p, d, m in sorted(before - after))


def _warnings(a: Plan, b: Plan) -> Iterator[str]:
    yield from (f"+ note: {text}" for text in b.warnings if text not in a.warnings)
    yield from (f"- note: {text}" for text in a.warnings if text not in b.warnings)


def _moved(what: str, old: Tally, new: Tally) -> Iterator[str]:
    if old.rows != new.rows:
        yield f"~ {what}: {old.rows:,} → {_rows(new)}"


def _either(before: Mapping[Key, object], after: Mapping[Key, object]) -> list[Key]:
    return list(dict.fromkeys([*before, *after]))


def _rows(tally: Tally) -> str:
    return f"{tally.rows:,} row{'s' if tally.rows != 1 else ''}"

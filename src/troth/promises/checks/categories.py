"""A category is kept when its places are known: every store looked at, nothing undeclared, a field for it.

A category the policy does not list as collected is broken by rows of a dataset with a field of it; where somebody
has accepted the finding, it is unproven until that day. Whether the values in a mapped field are of that category
is not looked at.
"""

from __future__ import annotations

from collections.abc import Iterator

from troth.promises.given import Given
from troth.promises.listing import Promise
from troth.promises.results import Offence, Reason, Result, counted, decide

FINDING = "undeclared-collection"
"""What the linter says of data that the policy does not list as collected."""


def check(promise: Promise, given: Given) -> Result:
    """Tell whether a category lives where the data map says, and nowhere unsaid."""
    name = promise.key
    fields = {
        dataset: [field.name for field in described.fields.get(name, ())]
        for dataset, described in given.datamap.datasets.items()
        if described.fields.get(name)
    }
    if not given.policy.categories[name].collected:
        return _uncollected(promise, given, fields)
    reasons = [*_unmapped(fields), *_missing(given, fields), *given.stores_seen]
    number = sum(map(len, fields.values()))
    note = f"{counted(number, 'field')} in {counted(len(fields), 'dataset')}"
    return decide(promise, reasons=reasons, looked_at=tuple(fields), note=note)


def _uncollected(promise: Promise, given: Given, fields: dict[str, list[str]]) -> Result:
    answered = {dataset: _accepted(given, dataset, promise.key) for dataset in fields}
    held = [Offence(dataset=d, rows=_rows(given, d)) for d, accepted in answered.items() if not accepted]
    reasons = [*_uncounted(given, fields), *given.stores_seen]
    for dataset, accepted in answered.items():
        if accepted:
            message = f"{dataset} holds it though the policy does not list it; accepted by {accepted}"
            reasons.append(Reason(code=FINDING, message=message, rows=_rows(given, dataset)))
    note = "The fields that could hold it are empty" if fields else "No field holds it"
    return decide(promise, offences=held, reasons=reasons, note=note)


def _accepted(given: Given, dataset: str, name: str) -> str:
    """Say who answers for the finding today, and until when."""
    day = given.world.at.date()
    found = (
        f"{a.owner} until {a.until.isoformat()}"
        for a in given.policy.accepted
        if a.finding == FINDING and a.until >= day and a.about in ("", f"{dataset}.{name}")
    )
    return next(found, "")


def _rows(given: Given, dataset: str) -> int:
    return sum(answer.rows for answer in given.answers.get(dataset, ()))


def _unmapped(fields: dict[str, list[str]]) -> Iterator[Reason]:
    if not fields:
        yield Reason(
            code="not-mapped", message="The policy collects it and no field of the data map holds it"
        )


def _uncounted(given: Given, fields: dict[str, list[str]]) -> Iterator[Reason]:
    for dataset in fields:
        if dataset.partition(".")[0] in given.world.catalogs and dataset not in given.answers:
            yield Reason(code="not-measured", message=f"{dataset} could not be counted")


def _missing(given: Given, fields: dict[str, list[str]]) -> Iterator[Reason]:
    for dataset, names in fields.items():
        table = given.world.table(dataset)
        if table is None:
            continue
        for name in names:
            if table.column(name) is None:
                yield Reason(code="unknown-column", message=f"{dataset} has no column '{name}'")
    gone = [d for d in fields if given.world.table(d) is None and d.partition(".")[0] in given.world.catalogs]
    for dataset in gone:
        yield Reason(code="unknown-dataset", message=f"{dataset} is in no live schema")

"""A category is kept when its places are known: every store looked at, nothing undeclared, a field for it.

A category the policy does not collect is broken as soon as the data map has a field of it. Whether the values
in a mapped field are of that category is not looked at.
"""

from __future__ import annotations

from collections.abc import Iterator

from troth.promises.given import Given
from troth.promises.listing import Promise
from troth.promises.results import Offence, Reason, Result, counted, decide


def check(promise: Promise, given: Given) -> Result:
    """Tell whether a category lives where the data map says, and nowhere unsaid."""
    name = promise.key
    fields = {
        dataset: [field.name for field in described.fields.get(name, ())]
        for dataset, described in given.datamap.datasets.items()
        if described.fields.get(name)
    }
    if not given.policy.categories[name].collected:
        held = [Offence(dataset=dataset, rows=_rows(given, dataset)) for dataset in fields]
        note = "No field holds it" if not fields else "The fields that could hold it are empty"
        return decide(
            promise, offences=held, reasons=[*given.stores_seen, *_uncounted(given, fields)], note=note
        )
    reasons = [*_unmapped(fields), *_missing(given, fields), *given.stores_seen]
    number = sum(map(len, fields.values()))
    note = f"{counted(number, 'field')} in {counted(len(fields), 'dataset')}"
    return decide(promise, reasons=reasons, looked_at=tuple(fields), note=note)


def _rows(given: Given, dataset: str) -> int:
    return sum(answer.rows for answer in given.answers.get(dataset, ()))


def _unmapped(fields: dict[str, list[str]]) -> Iterator[Reason]:
    if not fields:
        yield Reason(
            code="not-mapped", message="The policy collects it and no field of the data map holds it"
        )


def _uncounted(given: Given, fields: dict[str, list[str]]) -> Iterator[Reason]:
    for dataset in fields:
        if dataset not in given.answers:
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

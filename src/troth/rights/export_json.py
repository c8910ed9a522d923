"""The JSON file of one person, format `troth.export/1`, in pieces that can be written as rows come in. Pure.

Labels stand once: tables of categories, purposes and retention classes at the top, a table of fields for each
dataset; then the rows, one a line. Everything but the rows is the same for all people and made once. Its schema is
`export_schema`; docs/reference/export.md explains it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from troth.rights.export import REASONS, Label, Labels, Reason, Sheet
from troth.rights.export_cells import encode
from troth.rights.export_made import Made
from troth.rights.export_rows import Shown
from troth.rights.export_text import AsText

FORMAT = "troth.export/1"
ABOUT = "@"
"""Key, in a row, of what is said about the row itself; a column of that name has one more."""


def head(made: Made, labels: Labels) -> str:
    """Write what is the same for everybody, up to the person's number."""
    value: dict[str, object] = {
        "format": FORMAT,
        "variant": labels.variant,
        "organisation": made.organisation,
        "made": made.at,
        "simulation": made.simulation,
        "policy": made.policy,
        "categories": {
            name: {"label": label, "purposes": list(labels.uses.get(name, ()))}
            for name, label in labels.categories.items()
        },
        "purposes": {n: {"label": u.label, "basis": u.basis or None} for n, u in labels.purposes.items()},
        "retention": {n: {"promise": k.promise, "kept": k.ends} for n, k in labels.retention.items()},
        "left-out": [
            {"dataset": name, "reason": reason, "why": REASONS[reason]}
            for name, reason in labels.left_out.items()
        ],
        "not-looked-at": [{"what": what, "why": why} for what, why in made.unlooked],
        "notes": list(made.notes),
    }
    lines = (f"{encode(key)}:{encode(one)}" for key, one in value.items())
    return "{" + ",\n".join(lines) + ',\n"person":'


def person(number: int) -> str:
    """Write which person of the export it is, and open the datasets."""
    return f'{number},\n"datasets":{{'


def sheet(one: Sheet) -> str:
    """Open a dataset: what its columns are, then the rows."""
    value: dict[str, object] = {"label": one.label} if one.label else {}
    value["source"] = one.source or None
    if one.derived_from:
        value["derived-from"] = list(one.derived_from)
    value["fields"] = {label.column: _field(label) for label in one.labels}
    lines = (f"{encode(key)}:{encode(v)}" for key, v in value.items())
    return f"\n{encode(one.dataset)}:{{" + ",\n".join(lines) + ',\n"rows":[\n'


SHEET_END = "\n]}"


def _field(label: Label) -> Mapping[str, object]:
    found: dict[str, object] = {}
    if label.category:
        found["category"] = label.category
    if label.kept_as:
        found["kept-as"] = label.kept_as
    if label.of:
        found["of"] = label.of
    if label.parts:
        found["parts"] = [
            {"path": list(p.path), "category": p.category, **({"of": p.of} if p.of else {})}
            for p in label.parts
        ]
    if not label.declared:
        found["declared"] = False
    if label.hidden:
        found["withheld"] = label.hidden
    return found


def row(shown: Shown, roles: Sequence[str] = ()) -> str:
    """Write a row; `roles` where the dataset knows several."""
    about: dict[str, Any] = {}
    if roles:
        about["as"] = roles
    if shown.until:
        about["kept-until"] = shown.until
    if shown.redacted:
        about["redacted"] = shown.redacted
    if isinstance(shown.values, AsText):
        text = shown.values.text
        return f'{text[:-1]},"{ABOUT}":{encode(about)}}}' if about else text
    if not about:
        return encode(shown.values)
    if ABOUT in shown.values:
        return encode({**{_name(key): value for key, value in shown.values.items()}, ABOUT: about})
    return encode({**shown.values, ABOUT: about})


def _name(column: str) -> str:
    return column + ABOUT if set(column) == {ABOUT} else column


def tail(empty: Iterable[str], withheld: Mapping[tuple[str, Reason], int]) -> str:
    """Close the file: where nothing was found, and what is not shown."""
    gone = [
        {"dataset": dataset, "rows": rows, "reason": reason, "why": REASONS[reason]}
        for (dataset, reason), rows in withheld.items()
    ]
    return '\n},\n"nothing-in":' + encode(list(empty)) + ',\n"withheld":' + encode(gone) + "}\n"

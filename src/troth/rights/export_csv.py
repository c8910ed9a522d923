"""CSV files of one person: one for each dataset with rows, and a list of what every column is. Pure.

RFC 4180, UTF-8 with a byte order mark (spreadsheets take a file without one for another encoding), and no cell that a
spreadsheet would run.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence

from troth.rights.export import REASONS, Labels, Sheet
from troth.rights.export_cells import cell
from troth.rights.export_rows import Shown

BOM = "\ufeff"
FIELDS = "fields.csv"
ROLES = "you are"
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


def file_name(number: int, dataset: str) -> str:
    """Name the file of a dataset: its number tells apart what only letters no file system takes would."""
    return f"{number:03}-{_UNSAFE.sub('_', dataset)[:100]}.csv"


def header(sheet: Sheet) -> str:
    """Write the line of headings."""
    extra = [f"kept until ({ending.kept_as})" for ending in sheet.endings]
    roles = [ROLES] if len(sheet.roles) > 1 else []
    return BOM + lines([[*(label.column for label in sheet.shown), *roles, *extra]])


def row(sheet: Sheet, shown: Shown, roles: Sequence[str]) -> list[object]:
    """Return the cells of a row."""
    values = shown.apart
    found: list[object] = [values.get(label.column) for label in sheet.shown]
    if len(sheet.roles) > 1:
        found.append(" ".join(roles))
    return [*found, *(shown.until.get(ending.kept_as, "") for ending in sheet.endings)]


def lines(rows: Iterable[Sequence[object]]) -> str:
    """Write rows."""
    made = io.StringIO()
    csv.writer(made, lineterminator="\r\n").writerows([cell(value) for value in row] for row in rows)
    return made.getvalue()


def fields(labels: Labels) -> str:
    """Write what every column of every dataset is."""
    return BOM + lines([_FIELDS, *_fields(labels)])


_FIELDS = (
    "dataset",
    "label",
    "column",
    "category",
    "purposes",
    "legal basis",
    "source",
    "kept",
    "of",
    "not shown because",
)


def _fields(labels: Labels) -> Iterator[Sequence[str]]:
    for sheet in labels.sheets.values():
        for label in sheet.labels:
            uses = [labels.purposes[name] for name in labels.uses.get(label.category, ())]
            kept = labels.retention.get(label.kept_as)
            hidden = label.hidden or sheet.hidden
            yield (
                sheet.dataset,
                sheet.label,
                label.column,
                labels.categories.get(label.category, ""),
                "; ".join(use.label for use in uses),
                "; ".join(dict.fromkeys(use.basis for use in uses if use.basis)),
                sheet.source,
                kept.ends if kept else "",
                label.of,
                REASONS[hidden] if hidden else "",
            )

"""A person's rows beside what of them is handed out: read once more, shaped as the package was, nothing kept.

For whoever looks through a package for data of others before it goes. It shows other people's data where rows are
about several; so it is only for somebody whose reason was written down (`request_views.read`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from troth.app import people
from troth.app import project as projects
from troth.app.casework import desk as desks
from troth.app.casework import planning
from troth.app.casework.desk import Desk
from troth.app.clock import Moment
from troth.app.export import make as exporting
from troth.app.people import Everywhere, Selected
from troth.errors import Refused
from troth.rights import export as labelling
from troth.rights.export import ELSE, REASONS, Labels, Sheet, Variant
from troth.rights.export_rows import Shaper

MOST = 500
"""Rows that are shown of one dataset; how many more there are is said."""
LONGEST = 4_000
"""Letters of a value that are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One value of a row."""

    column: str
    held: str
    """As it stands in the store."""
    shown: str
    """As it is handed out."""
    taken: bool
    """Something of somebody else was taken out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One row."""

    roles: tuple[str, ...]
    cells: tuple[Cell, ...]
    hidden: str = ""
    """Why the row is not handed out at all."""

    @property
    def taken(self) -> bool:
        """Tell whether something of it is not handed out."""
        return bool(self.hidden) or any(cell.taken for cell in self.cells)


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """The rows of one dataset."""

    dataset: str
    heading: str
    """What the package calls it."""
    lines: tuple[Line, ...]
    more: int
    """Rows beyond those shown."""
    several: bool
    """Its rows can be about several people."""
    never: tuple[tuple[str, str], ...] = ()
    """Columns that are shown in no row, and why."""
    left_out: str = ""
    """Why nothing of it is handed out; its rows are not read."""

    @property
    def taken(self) -> int:
        """Count the rows of which something is not handed out."""
        return sum(line.taken for line in self.lines)


def beside(desk: Desk, id: int) -> tuple[Beside, ...]:
    """Read a person's rows again, and say of each what the package has of it.

    Raises:
        Refused: the request has no package.
        StoreError: a store does not answer.
    """
    case = desk.read(id)
    if case.kind.name not in planning.EXPORTS or case.last("planned") is None:
        raise Refused(f"{case.reference} has no package.", hint="Work it out first.")
    contents, project = desk.contents(case), desk.project()
    ordered = planning.instruction(desk, case, contents)
    if ordered is not None:
        project = projects.held_for(project, ordered.controller)
    variant: Variant = "portability" if case.kind.name == "portability" else "access"
    wish = desks.wish(contents)
    with people.everywhere(project, desk.environment, Moment(at=desk.now()), readonly=True) as where:
        try:
            selected = people.select(where, wish)
        except Refused:  # several accounts, which somebody took for one person's when the package was made
            selected = people.select(where, wish, joined=True)
        return tuple(_read(where, selected, variant))


def _read(where: Everywhere, selected: Selected, variant: Variant) -> Iterator[Beside]:
    ways, _ = exporting.readable(where)
    labels = labelling.labels(where.world, ways, variant)
    lines: dict[str, list[Line]] = {}
    more: dict[str, int] = {}
    shapers: dict[str, Shaper] = {}
    for record in exporting.records(selected, labels):
        name = record.dataset
        if len(lines.setdefault(name, [])) >= MOST:
            more[name] = more.get(name, 0) + 1
            continue
        shaper = shapers.setdefault(name, Shaper(labels.sheets[name], selected.manifest, labels.zone))
        shown = shaper.shape(record)
        values = dict(record.values)
        hidden = REASONS[shown.hidden] if shown.hidden else ""
        lines[name].append(
            Line(
                roles=record.roles if len(labels.sheets[name].roles) > 1 else (),
                cells=tuple(_cells(labels.sheets[name], values, shown.apart, hidden=bool(hidden))),
                hidden=hidden,
            )
        )
    yield from _sheets(labels, lines, more)


def _sheets(labels: Labels, lines: dict[str, list[Line]], more: dict[str, int]) -> Iterator[Beside]:
    for name, sheet in labels.sheets.items():
        if lines.get(name) or sheet.hidden:
            yield Beside(
                dataset=name,
                heading=labels.headings[name],
                lines=tuple(lines.get(name, ())),
                more=more.get(name, 0),
                several=len(sheet.ways) > 1,
                never=tuple((one.column, REASONS[one.hidden]) for one in sheet.labels if one.hidden),
                left_out=REASONS[sheet.hidden] if sheet.hidden else "",
            )


def _cells(sheet: Sheet, values: dict[str, object], shown: object, *, hidden: bool) -> Iterator[Cell]:
    out = shown if isinstance(shown, dict) else dict(shown)  # type: ignore[call-overload]
    for label in sheet.shown:
        held, made = _text(values.get(label.column)), "" if hidden else _text(out.get(label.column))
        if held or made:
            yield Cell(
                column=label.column,
                held=held,
                shown=made,
                taken=not hidden and ELSE in made and ELSE not in held,
            )


def _text(value: object) -> str:
    if value is None:
        return ""
    text = str(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}… ({len(text):,} letters)"

"""Stream the rows about people out of the files of a lake, person by person.

Rows are gathered in a table of the session, which spills to disk where memory is short, and come out in the order
of people: an export writes one person after the other without holding any.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from troth.apply.people import Record
from troth.people.entries import Way
from troth.plan.predicates import Filled, both
from troth.stores.lake.engine import Session, Unreadable, one_file
from troth.stores.lake.fragment import FALSE, Piece, joined, named, piece, quoted
from troth.stores.lake.parts import ROW, Part
from troth.stores.lake.render import Render
from troth.stores.lake.sheets import Sheet, relation
from troth.stores.lake.staged import People

GATHERED = "troth_gathered"


def read(
    db: Session, store: str, people: People, sheets: Mapping[str, Sheet], ways: Mapping[str, tuple[Way, ...]]
) -> Iterator[Record]:
    """Yield every row about somebody, dataset by dataset and person by person."""
    for name, sheet in sheets.items():
        dataset = f"{store}.{name}"
        own = ways.get(dataset, ())
        if own:
            yield from _dataset(db, store, people, sheet, own)


def _dataset(db: Session, store: str, people: People, sheet: Sheet, ways: Sequence[Way]) -> Iterator[Record]:
    made = False
    for part in sheet.readable:
        try:
            with one_file(store):
                query = _rows(people, store, sheet, part, ways)
                verb = f"INSERT INTO {GATHERED}" if made else f"CREATE OR REPLACE TABLE {GATHERED} AS"
                db.run(piece(f"{verb} {{}}", query))
                made = True
        except Unreadable:
            # The recheck and `describe` name it.
            continue
    if not made:
        return
    names = list(sheet.columns)
    columns = ", ".join(quoted(f"c{n}") for n in range(len(names)))
    ordered = Piece(
        f"SELECT person, file, place, roles, shared, {columns} FROM {GATHERED} ORDER BY person, file, place"
    )
    for person, file, place, roles, shared, *values in db.stream(ordered):
        yield Record(
            person=person,
            dataset=f"{store}.{sheet.name}",
            row=f"{file}.{place + 1}",
            roles=tuple(dict.fromkeys(way.role for way in ways if way.role in roles)),
            shared=shared,
            values=dict(zip(names, values, strict=True)),
        )


def _rows(people: People, store: str, sheet: Sheet, part: Part, ways: Sequence[Way]) -> Piece:
    rows = relation(sheet, part)
    render = Render(people, store, sheet, rows)
    whose = joined(
        (
            piece(f"SELECT place, person, {number} AS way FROM ({{}})", people.pairs(sheet, rows, way))
            for number, way in enumerate(ways)
        ),
        " UNION ALL ",
    )
    grouped = piece(
        "SELECT place, person, list_sort(list(DISTINCT way)) AS ways, "
        "count(*) OVER (PARTITION BY place) AS people FROM ({}) GROUP BY place, person",
        whose,
    )
    roles = list(dict.fromkeys(way.role for way in ways))
    role_of = ", ".join(_quoted_text(way.role) for way in ways)
    own_roles = f"list_distinct(list_transform(g.ways, lambda n: [{role_of}][n + 1]))"
    filled = [(role, _filled(render, [way for way in ways if way.role == role])) for role in roles]
    others = joined(
        (
            piece(f"({{}} AND NOT list_contains({own_roles}, {_quoted_text(role)}))", there)
            for role, there in filled
        ),
        " OR ",
        FALSE,
    )
    columns = joined(
        (piece("t0.{} AS {}", named(name), named(f"c{n}")) for n, name in enumerate(sheet.columns)), ", "
    )
    return piece(
        f"SELECT g.person, {part.number} AS file, g.place, {own_roles} AS roles, "
        f"(g.people > 1 OR {{}}) AS shared, {{}} FROM {{}} AS t0 JOIN ({{}}) AS g ON g.place = t0.{ROW}",
        others,
        columns,
        rows,
        grouped,
    )


def _filled(render: Render, ways: Sequence[Way]) -> Piece:
    """Render that somebody stands in a role: the columns of one of its ways are filled."""
    found: list[Piece] = []
    for way in ways:
        own = [a for a, _ in way.path[0][1]] if way.path else list(way.end.columns)
        found.append(render.true(both(*(Filled(column=column) for column in own))))
    return piece("({})", joined(found, " OR ", FALSE))


def _quoted_text(role: str) -> str:
    return "'" + role.replace("'", "''") + "'"

"""Datasets read by one statement: its five columns, and how rows are told apart again."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from troth.stores.sql import read_together
from troth.stores.sql.read_people import Question
from troth.stores.sql.read_together import Part

ROWS = sa.table(
    "rows", sa.column("person"), sa.column("id"), sa.column("way"), sa.column("own"), sa.column("text")
)
PLAIN = Question(statement=sa.select(ROWS.c.person, ROWS.c.text).order_by(ROWS.c.id))
SHARED = Question(
    statement=sa.select(ROWS.c.person, ROWS.c.id, ROWS.c.way, ROWS.c.own, ROWS.c.text), place=1, others=(0,)
)


def test_every_part_has_the_same_columns_and_its_own_order() -> None:
    """A part is told by its number; what a dataset does not have is NULL."""
    text = str(read_together.statement([PLAIN, SHARED]).compile(dialect=postgresql.dialect()))
    first, second = (" ".join(part.split()) for part in text.split("UNION ALL"))
    assert first == "(SELECT 0, rows.person, NULL::text, NULL::text, rows.text FROM rows ORDER BY rows.id)"
    assert "SELECT 1, rows.person, CAST(json_build_array(rows.id) AS TEXT)" in second
    assert "concat_ws(" in second and "rows.way, rows.own)" in second


def test_rows_are_told_apart_by_their_part() -> None:
    """Each dataset gets its own rows, as if it had been read alone with one column for the place."""
    rows = [(0, 7, None, None, "a"), (0, 8, None, None, "b"), (1, 7, "[3]", "0 1", "c")]
    parts = [Part(place=-1, others=()), Part(place=1, others=(0,))]
    found = {number: list(own) for number, own in read_together.apart(iter(rows), parts)}
    assert found == {0: [(7, "a"), (8, "b")], 1: [(7, "[3]", 0, 1, "c")]}


def test_a_view_has_no_place() -> None:
    """Flags of rows that nothing tells apart stand by themselves."""
    rows = [(0, 7, None, "1 0", "a")]
    ((_, own),) = [(n, list(o)) for n, o in read_together.apart(iter(rows), [Part(place=0, others=())])]
    assert own == [(7, 1, 0, "a")]
    assert Part(place=0, others=()).joined.place == 0
    assert Part(place=3, others=()).joined.place == 1

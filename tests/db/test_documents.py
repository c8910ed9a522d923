"""Values taken out of documents, however they are kept, and left alone where there is no document."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from troth.plan.model import Prune
from troth.plan.predicates import HasPath
from troth.stores.sql import introspect
from troth.stores.sql import open as opening
from troth.stores.sql.documents import DEPTH
from troth.stores.sql.render import Renderer, table_clause

PATH, OTHER = ("a", "b"), ("x",)


@dataclass(frozen=True)
class Docs:
    """A table of documents."""

    engine: sa.Engine
    renderer: Renderer

    def put(self, *texts: str | None) -> None:
        """Fill the table."""
        with self.engine.begin() as connection:
            connection.exec_driver_sql("DELETE FROM docs")
            rows = [{"id": number, "doc": text} for number, text in enumerate(texts)]
            connection.execute(sa.text("INSERT INTO docs VALUES (:id, :doc)"), rows)

    def having(self) -> list[int]:
        """List the rows that have a value at the path."""
        source = table_clause(self.renderer.table("app.docs"))
        where = self.renderer.where("app.docs", HasPath(column="doc", path=PATH), source)
        with self.engine.connect() as connection:
            return sorted(connection.execute(sa.select(source.c.id).where(where)).scalars())

    def prune(self) -> list[object]:
        """Take two paths out of every row; return the texts."""
        source = table_clause(self.renderer.table("app.docs"))
        changes = (Prune(column="doc", path=PATH), Prune(column="doc", path=OTHER))
        with self.engine.begin() as connection:
            connection.execute(sa.update(source).values(self.renderer.values("app.docs", changes, source)))
            return list(connection.exec_driver_sql("SELECT doc FROM docs ORDER BY id").scalars())


@pytest.fixture(params=["sqlite text", "postgresql text", "postgresql json", "postgresql jsonb"])
def docs(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Docs]:
    """Make a table whose documents are kept in some type."""
    dialect, kind = request.param.split()
    (tmp_path / "app.db").touch()
    url = f"sqlite:///{tmp_path / 'app.db'}" if dialect == "sqlite" else request.getfixturevalue("pg_url")
    engine = opening.connect(url, store="app")
    with engine.begin() as connection:
        connection.exec_driver_sql(f"CREATE TABLE docs (id integer PRIMARY KEY, doc {kind})")
        if dialect == "postgresql" and kind != "text":
            connection.exec_driver_sql(f"CREATE CAST (character varying AS {kind}) WITH INOUT AS ASSIGNMENT")
    yield Docs(engine, Renderer(introspect.read(engine, "app")))
    engine.dispose()


def read(found: object) -> object:
    """Read a document, whatever the driver made of it."""
    return json.loads(found) if isinstance(found, str) else found


def test_a_value_at_a_path_is_found_and_taken_out(docs: Docs) -> None:
    """Null counts as a value; the rest stays, and rows without the path stay as they are."""
    docs.put(
        '{"a": {"b": 1, "c": 2}, "x": 3}', '{"a": {"b": null}}', '{"a": 1}', '{"x": "y"}', None, "null", "[1]"
    )
    assert docs.having() == [0, 1]
    assert [read(one) for one in docs.prune()] == [{"a": {"c": 2}}, {"a": {}}, {"a": 1}, {}, None, None, [1]]
    assert docs.having() == []


BROKEN = ["", "{", '{"a": {"b": 1}', "{'a': {'b': 1}}", '{"a": {"b": 01}}', '{"a": {"b": "\t"}}',
          "nonsense", "{s: s}", "\x01",
          '{"a": {"b": 1}} 2', '{"a": {"b": tru e}}', '{"a": {"b": 1 2}}', '{"a" {"b": 1}}', "[1,]",
          '{"a": "\\x"}']  # fmt: skip


def test_what_is_no_document_is_left_alone(docs: Docs) -> None:
    """Broken texts neither stop the statement nor change."""
    column = docs.renderer.table("app.docs").column("doc")
    assert column is not None
    if column.declared.startswith("json"):
        pytest.skip("such a column takes documents only")
    docs.put(*BROKEN, '{"a": {"b": 1}}')
    assert docs.having() == [len(BROKEN)]
    assert docs.prune()[:-1] == BROKEN


def test_what_only_text_can_keep_is_left_alone(docs: Docs) -> None:
    """NUL and half a surrogate pair stand in a json column and cannot be looked into as jsonb."""
    column = docs.renderer.table("app.docs").column("doc")
    assert column is not None
    if column.declared != "json":
        pytest.skip("only json keeps them, and looks into nothing else")
    odd = ['{"a": {"b": "\\u0000"}}', '{"a": {"b": "\\ud800"}}', '{"a": {"b": "\\ud83d\\ude00"}}']
    docs.put(*odd)
    assert docs.having() == [2]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**18), 10**18) | st.floats(-1e9, 1e9) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "x", '"'])
    | st.text(max_size=3), inner, max_size=3),
    max_leaves=10,
)  # fmt: skip


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=VALUES, plain=st.booleans(), broken=st.integers(0, 40))
def test_documents_of_any_shape_are_told_from_broken_ones(
    docs: Docs, value: object, plain: bool, broken: int
) -> None:
    """What Python's reader takes is a document, and what lacks a letter mostly is none."""
    text = json.dumps(value, ensure_ascii=plain)
    if "\\u0000" in text or "\0" in text or "\\ud" in text:
        return
    column = docs.renderer.table("app.docs").column("doc")
    cut = text[:broken] + text[broken + 1 :]
    texts = [text] if column is None or column.declared.startswith("json") else [text, cut]
    docs.put(*texts)
    expected = [number for number, one in enumerate(texts) if _has(one)]
    assert docs.having() == expected


def _has(text: str) -> bool:
    try:
        value = json.loads(text)
    except ValueError:
        return False
    inner = value.get("a") if isinstance(value, dict) else None
    return isinstance(inner, dict) and "b" in inner


def test_documents_may_be_as_deep_as_records_are(docs: Docs) -> None:
    """Many levels are looked into."""
    deep = "[" * (DEPTH - 2) + "]" * (DEPTH - 2)
    docs.put(f'{{"a": {{"b": {deep}}}}}')
    assert docs.having() == [0]

"""What a process has worked out from a catalog, kept for the next command that sees the very same one.

Rendering and compiling a statement takes longer than the database needs for the rows of one person. A catalog is the
same object only where the database has given the same answers (`introspect`); what else a statement depends on stands
in its key. Nothing of a person is in either: values go into temporary tables, or in beside the text each time.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from threading import Lock
from typing import Any, TypeVar, cast

import sqlalchemy as sa

from troth.catalog.model import Catalog

MOST = 512
"""Results remembered; the one that was not used for longest goes first."""
T = TypeVar("T")

_KNOWN: OrderedDict[tuple[int, Hashable], tuple[Catalog, Any]] = OrderedDict()
"""With the catalog itself, so that no other can come by its number."""
_LOCK = Lock()


def remembered(catalog: Catalog, key: Hashable, make: Callable[[], T]) -> T:
    """Return what was made for a catalog and a key before, or make it now.

    Args:
        catalog: From what it is made; those of databases that are read anew each time are not remembered.
        key: All else it depends on.
        make: Makes it; the result must not be changed afterwards.
    """
    if catalog.dialect != "postgresql":
        return make()
    whole = (id(catalog), key)
    with _LOCK:
        if whole in _KNOWN:
            _KNOWN.move_to_end(whole)
            return cast("T", _KNOWN[whole][1])
    made = make()
    with _LOCK:
        _KNOWN[whole] = (catalog, made)
        while len(_KNOWN) > MOST:
            _KNOWN.popitem(last=False)
    return made


def run(
    connection: sa.Connection,
    catalog: Catalog,
    key: Hashable,
    make: Callable[[], sa.Executable],
    given: Mapping[str, object] | None = None,
) -> sa.CursorResult[Any]:
    """Execute a statement, which is rendered and compiled once for a catalog and a key.

    Args:
        connection: The store.
        catalog: Its structure.
        key: All that the statement depends on besides.
        make: Renders it.
        given: Values of parameters that differ each time (`given`); only on PostgreSQL.

    Raises:
        SQLAlchemyError: the store refuses.
    """
    if catalog.dialect != "postgresql":
        return connection.execute(make())
    text, fixed = remembered(catalog, ("text", key), lambda: _text(connection.dialect, make()))
    return connection.exec_driver_sql(text, {**fixed, **given} if given else fixed)


def run_all(
    connection: sa.Connection,
    catalog: Catalog,
    wanted: Sequence[tuple[Hashable, Callable[[], sa.Executable]]],
) -> list[tuple[Any, ...]]:
    """Execute statements of one sort, each known by its key, and return the first row of each, if they have any.

    PostgreSQL takes those without values of their own as one text, which saves most of the way there and back.

    Raises:
        SQLAlchemyError: the store refuses.
    """
    if catalog.dialect == "postgresql":
        texts = [
            remembered(catalog, ("text", key), lambda make=make: _text(connection.dialect, make()))  # type: ignore[misc]
            for key, make in wanted
        ]
        if texts and not any(given for _, given in texts):
            return _at_once(connection, [text for text, _ in texts])
    found = [run(connection, catalog, key, make) for key, make in wanted]
    return [tuple(one.one()) if one.returns_rows else () for one in found]


def _at_once(connection: sa.Connection, texts: Sequence[str]) -> list[tuple[Any, ...]]:
    """Send several statements as one; without values the driver leaves `%` alone."""
    whole = ";\n".join(text.replace("%%", "%") for text in texts)
    result = connection.exec_driver_sql(whole, execution_options={"no_parameters": True})
    if not result.returns_rows:
        return [() for _ in texts]
    cursor: Any = result.cursor
    rows = [tuple(cursor.fetchone())]
    while cursor.nextset():
        rows.append(tuple(cursor.fetchone()))
    result.close()
    return rows


def _text(dialect: sa.Dialect, statement: sa.Executable) -> tuple[str, dict[str, object]]:
    """Write a statement as the driver takes it."""
    assert isinstance(statement, sa.ClauseElement)
    compiled = statement.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
    given = dict(compiled.params)
    assert isinstance(compiled, sa.sql.compiler.SQLCompiler)
    for name, bound in compiled.binds.items():
        processor = bound.type.dialect_impl(dialect).bind_processor(dialect)
        if processor is not None and given.get(name) is not None:
            given[name] = processor(given[name])
    return str(compiled), given

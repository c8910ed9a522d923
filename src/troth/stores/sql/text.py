"""The SQL of a step as text, for people to read before it is run.

Made by the same renderer that apply uses; the bounds of batches are left out, and the rows on hold, which are a
secret of the ledger and filled in when the step runs. Never executed.
"""

from __future__ import annotations

import re

import sqlalchemy as sa

from troth.catalog.model import Catalog
from troth.plan.model import DeleteRows, Step
from troth.plan.predicates import NEVER, replaced
from troth.stores.sql.render import Renderer, table_clause

WIDTH = 110
URLS = {"sqlite": "sqlite://", "postgresql": "postgresql+psycopg://", "mariadb": "mariadb+pymysql://"}
_WORDS = re.compile(r"(?:'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|[^\s'\"])+")
"""Words of SQL; blanks inside quotes are part of the word, so that no constant is ever broken."""


def statement(catalog: Catalog, step: Step) -> str:
    """Return the SQL of a step with its constants written in."""
    renderer = Renderer(catalog)
    source = table_clause(renderer.table(step.dataset))
    where = renderer.where(step.dataset, replaced(step.where, lambda _rank: NEVER), source)
    made: sa.Delete | sa.Update
    if isinstance(step, DeleteRows):
        made = sa.delete(source).where(where)
    else:
        made = sa.update(source).values(renderer.values(step.dataset, step.changes, source)).where(where)
    dialect = sa.create_mock_engine(URLS[catalog.dialect], lambda *_: None).dialect
    compiled = made.compile(dialect=dialect, compile_kwargs={"literal_binds": True})
    return wrapped(str(compiled))


def wrapped(sql: str) -> str:
    """Break a statement into lines between words."""
    lines: list[str] = [""]
    for word in _WORDS.findall(sql):
        if lines[-1] and len(lines[-1]) + len(word) >= WIDTH:
            lines.append("")
        lines[-1] += f" {word}" if lines[-1] else word
    return "\n".join(lines)

"""What databases pick out by themselves, against Python reading every row: nothing may be passed over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from db import canaries
from troth.stores.sql import introspect, scan
from troth.stores.sql import open as opening

FORMS = [text for text, _, _ in canaries.NOOKS.values()]
GLUE = " \t\n.,;:-/()[]{}<>@%+'\"\\_=&?#~|*^`$!\u00a0\u201c\u3042\u00fc\uff10\uff201a0fAF"
TEXTS = st.lists(
    st.one_of(st.sampled_from(FORMS), st.text(alphabet=GLUE, max_size=5)), min_size=1, max_size=6
).map("".join)


@pytest.fixture(scope="module", params=["sqlite", "postgresql", "mariadb"])
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[sa.Engine]:
    """Make a store with one table of texts, for all examples."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('property') / 'app.db'}"
        drop = None
    else:
        server = request.getfixturevalue("postgres" if request.param == "postgresql" else "maria")
        name = server.create_database()
        url, drop = server.url(name), lambda: server.drop_database(name)
    engine = opening.connect(url, store="app", create=True)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE texts (a text)")
    yield engine
    engine.dispose()
    if drop:
        drop()


@settings(
    max_examples=12,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(texts=st.lists(TEXTS, min_size=30, max_size=60))
def test_a_scan_passes_over_nothing(store: sa.Engine, texts: list[str]) -> None:
    """Whatever stands around it, a form that Python reads in a text is found by the store's scan."""
    table = sa.table("texts", sa.column("a", sa.Text))
    with store.begin() as connection:
        connection.execute(sa.delete(table))
        connection.execute(sa.insert(table), [{"a": text} for text in texts])
    wanted = canaries.wanted()
    expected: Counter[tuple[str, str, str]] = Counter()
    for text in texts:
        expected.update(("a", seen.kind, seen.how) for seen in wanted.look(text))
    result = scan.scan(store, introspect.read(store, "app"), wanted, {}, {}, lambda _: None)
    assert {(r.column, r.kind, r.how): r.rows for r in result.residues} == dict(expected)

"""However an address is written, it is found, counted, read and erased; with an index and without."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from db.people_shop import ADA, KEY, MAIL, WAYS, World, _opened, _url, manifest, rows  # noqa: F401  fixtures
from troth.apply.people import Question
from troth.people.kinds import Family
from troth.people.places import Place
from troth.people.typed import Identity
from troth.stores.sql import find, introspect

KIM = replace(ADA, values={KEY: ((4,),), MAIL: (("Kim.Boss@Example.org",),)}, names=())
MEANT = (
    "kim.boss@example.org",
    "Kim.Boss@Example.org",
    "KIM.BOSS@EXAMPLE.ORG",
    "kIM.bOSS@eXAMPLE.ORG",
    "  kim.boss@example.org",
    "\tkim.boss@example.org\n",
    "KIM.BOSS@example.org \r",
    "kim.bo\u00df@example.org",
    "KIM.bO\u00df@Example.org",
    "\u212aim.boss@example.org",
)
FOLDED = (
    "\uff2b\uff29\uff2d.boss@example.org",
    "kim.bos\uff33@example.org",
    "ki\uff4d.boss@example.org\u00a0",
    "\u2003kim.boss@example.org",
)
"""What only NFKC makes equal: MariaDB has none."""
OTHERS = (
    "kim.boss+news@example.org",
    "kim.bos@example.org",
    "kim.boss@example.org.uk",
    "im.boss@example.org",
    "k\u0131m.boss@example.org",
    "k\u00edm.boss@example.org",
    "ki\u0301m.boss@example.org",
    "kim boss@example.org",
    "kim.boss@example.orgx",
    "",
)
INDEXES = {
    "none": "",
    "plain": "CREATE INDEX news_email ON news (email)",
    "bytes": 'CREATE INDEX news_email ON news (email COLLATE "C")',
    "pattern": "CREATE INDEX news_email ON news (email text_pattern_ops)",
}
PLACE = Place(
    number=0,
    subject="customer",
    dataset="app.news",
    columns=("email",),
    kind="email",
    family=Family.EMAIL,
    key=("ip",),
    answers=("email",),
)


@pytest.fixture(params=list(INDEXES))
def spelt(request: pytest.FixtureRequest, opened: Callable[..., World], url: str) -> World:
    """Return a store with an address in many spellings, under some index."""
    index = INDEXES[request.param]
    if request.param in ("bytes", "pattern") and not url.startswith("postgresql"):
        pytest.skip("an index of PostgreSQL")
    if url.startswith("mariadb"):
        index = index.replace("(email)", "(email(60))")
    schema = "CREATE TABLE news (email text, ip varchar(20))" + (f";\n{index}" if index else "")
    world = opened(schema, "")
    texts = [*MEANT, *FOLDED, *OTHERS, None]
    with world.engine.begin() as connection:
        values = [{"m": text, "i": str(number)} for number, text in enumerate(texts)]
        connection.execute(sa.text("INSERT INTO news VALUES (:m, :i)"), values)
    return world


def expected(world: World) -> set[str]:
    """Number the rows that are meant."""
    count = len(MEANT) + (len(FOLDED) if world.engine.dialect.name != "mariadb" else 0)
    return {str(number) for number in range(count)}


def test_every_spelling_is_counted_and_read(spelt: World) -> None:
    """A count and a copy name the same rows."""
    people = manifest(KIM)
    where = WAYS["app.news"][0].where
    assert spelt.store.count(people, [Question(dataset="app.news", where=where)]) == (len(expected(spelt)),)
    read = spelt.store.read(people, {"app.news": WAYS["app.news"]})
    assert {str(record.values["ip"]) for record in read} == expected(spelt)


def test_every_spelling_is_erased_and_no_other(spelt: World) -> None:
    """What remains is what somebody else has."""
    before = {row[1] for row in spelt.all("news")}
    spelt.erase(rows("app.news"), people=[KIM])
    assert {row[1] for row in spelt.all("news")} == before - expected(spelt)


def test_every_spelling_is_found(spelt: World) -> None:
    """A search finds them, each once."""
    asked = Identity(match="email", value="kim.boss@example.org")
    spelt.engine.dispose()
    with find.opened(spelt.engine, spelt.store.catalog, [PLACE]) as seeker:
        hits = [str(hit.row.key[0]) for hit in seeker.find([asked], typed=True, limit=100).hits]
    assert sorted(hits) == sorted(expected(spelt))


@pytest.mark.parametrize("index", ["plain", "bytes", "pattern"])
def test_an_index_is_used_whatever_the_letters(opened: Callable[..., World], url: str, index: str) -> None:
    """PostgreSQL reads few rows of many, in each of the questions."""
    if not url.startswith("postgresql"):
        pytest.skip("an index of PostgreSQL")
    plans: list[str] = []

    def explained(connection: Connection, _c: object, text: str, given: Any, *_: object) -> None:
        if "news" in text and "troth_" in text and text.startswith(("SELECT", "INSERT")):
            cursor = connection.connection.cursor()
            cursor.execute("EXPLAIN " + text, given)
            plans.append("\n".join(row[0] for row in cursor.fetchall()))

    world = opened("CREATE TABLE news (email text, ip varchar(20) NOT NULL)", "")
    world.script(
        "INSERT INTO news SELECT 'user' || g || '@example.org', g::text FROM generate_series(1, 20000) g;\n"
        f"INSERT INTO news VALUES ('Kim.boss@example.org', 'x');\n{INDEXES[index]};\nANALYZE news"
    )
    store = replace(world.store, catalog=introspect.read(world.engine, "app"))
    sa.event.listen(world.engine, "before_cursor_execute", explained)
    where = WAYS["app.news"][0].where
    assert store.count(manifest(KIM), [Question(dataset="app.news", where=where)]) == (1,)
    with find.opened(world.engine, store.catalog, [PLACE]) as seeker:
        assert (
            len(
                seeker.find([Identity(match="email", value="kim.boss@example.org")], typed=True, limit=9).hits
            )
            == 1
        )
    replace(world, store=store).erase(rows("app.news"), people=[KIM])
    assert len(plans) == 3
    assert not [plan for plan in plans if "Seq Scan on news" in plan], plans


def test_different_texts_that_count_as_equal_are_told_apart(opened: Callable[..., World], url: str) -> None:
    """A column that ignores accents has an index, which is left alone."""
    if not url.startswith("postgresql"):
        pytest.skip("a collation of PostgreSQL")
    world = opened(
        "CREATE COLLATION loose (provider = icu, locale = 'und-u-ks-level1', deterministic = false);\n"
        "CREATE TABLE news (email text COLLATE loose, ip varchar(20));\n"
        "CREATE INDEX ON news (email);\nINSERT INTO news VALUES ('k\u00edm.boss@example.org', '1'), "
        "('KIM.BOSS@example.org', '2')",
        "",
    )
    assert world.store.catalog.tables["news"].bytewise == ()
    world.erase(rows("app.news"), people=[KIM])
    assert [row[1] for row in world.all("news")] == ["1"]

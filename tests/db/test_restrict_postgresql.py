"""Restriction on PostgreSQL: nothing is read by the declared roles, whichever way they try, until it is lifted."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa

from db import restricting as shop
from db.restricting import ADA, BOB, WAYS
from troth.errors import Refused, StoreError
from troth.rights.restrict import Means
from troth.stores.sql import open as opening
from troth.stores.sql import restrict

ALL, HIDDEN = (
    {"customers": 2, "orders": 3, "items": 3, "news": 2},
    {"customers": 1, "orders": 1, "items": 1, "news": 1},
)


@dataclass(frozen=True)
class Shop:
    engine: sa.Engine
    app: str
    law: str

    @property
    def catalog(self) -> Any:
        return shop.catalog(self.engine)

    def order(self, id: str = "restriction:1", *allowed: str) -> Any:
        return shop.order(id, {self.app: ("support",), self.law: ("legal-claims",)}, *allowed)

    def place(self, id: str = "restriction:1", *allowed: str, person: Any = ADA) -> Any:
        return restrict.place(
            self.engine, self.catalog, shop.people(person), WAYS, self.order(id, *allowed), {}
        )

    def lift(self, id: str = "restriction:1") -> int:
        return restrict.lift(self.engine, self.catalog, id)

    def prove(self, id: str = "restriction:1", *allowed: str) -> Any:
        return restrict.prove(self.engine, self.catalog, shop.people(ADA), WAYS, self.order(id, *allowed))

    def seen(self, role: str) -> dict[str, int]:
        with shop.acting(self.engine, role) as connection:
            return shop.counts(connection)

    def run(self, *commands: str) -> None:
        with self.engine.begin() as connection:
            for command in commands:
                connection.exec_driver_sql(command.replace("%", "%%").format(app=self.app, law=self.law))


SECURITY = """
SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity, c.relacl::text,
  ARRAY(SELECT p.polname || p.polpermissive || p.polroles::text FROM pg_policy p WHERE p.polrelid = c.oid ORDER BY 1)
FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' ORDER BY 1
"""


def security(one: Shop) -> list[Any]:
    """Read everything row security says of the tables."""
    with one.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(sa.text(SECURITY))]


@pytest.fixture
def pg(pg_url: str) -> Iterator[Shop]:
    """Give a shop with a role of support and one of the lawyers."""
    end = uuid.uuid4().hex[:8]
    made = Shop(shop.run(pg_url, shop.SCHEMA), f"App {end}", f"law_{end}")
    made.run('CREATE ROLE "{app}"', "CREATE ROLE {law}")
    made.run('GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO "{app}", {law}')
    yield made
    made.run('DROP OWNED BY "{app}", {law} CASCADE', 'DROP ROLE "{app}"', "DROP ROLE {law}")
    made.engine.dispose()


def test_the_roles_read_nothing(pg: Shop) -> None:
    """Each declared role reads nobody's rows but the others', and reading as it proves that."""
    assert {one.means for one in pg.place()} == {Means.ROW_SECURITY}
    assert pg.seen(pg.app) == pg.seen(pg.law) == HIDDEN
    assert pg.prove().state == "proven"


def test_a_purpose_lets_its_role_through(pg: Shop) -> None:
    """A role that reads for a purpose that goes on reads every row; the other reads none."""
    pg.place("restriction:1", "legal-claims")
    assert (pg.seen(pg.app), pg.seen(pg.law)) == (HIDDEN, ALL)
    assert pg.prove("restriction:1", "legal-claims").state == "proven"


def test_without_a_restriction_the_proof_finds_every_row(pg: Shop) -> None:
    """What is not restricted is readable, and the proof counts it."""
    proof = pg.prove()
    assert (proof.state, proof.readable) == ("readable", 2 * 6)


def test_lifting_is_exact(pg: Shop) -> None:
    """Data, policies, privileges and row security are afterwards what they were, and a second lift does nothing."""
    before, rows = security(pg), shop.contents(pg.engine)
    pg.place()
    assert pg.lift() > 0
    assert (security(pg), shop.contents(pg.engine)) == (before, rows)
    assert pg.lift() == 0
    assert pg.seen(pg.app) == ALL


def test_one_of_two_restrictions_goes_and_the_other_stays(pg: Shop) -> None:
    """Rows that two restrictions keep are hidden until both are lifted; each person's own are their own."""
    before = security(pg)
    pg.place("restriction:1")
    pg.place("restriction:2", "legal-claims")
    pg.place("restriction:3", person=BOB)
    pg.lift("restriction:1")
    assert pg.seen(pg.app) == {"customers": 0, "orders": 0, "items": 0, "news": 0}
    assert pg.seen(pg.law) == {"customers": 1, "orders": 2, "items": 2, "news": 1}
    pg.lift("restriction:3")
    assert (pg.seen(pg.app), pg.seen(pg.law)) == (HIDDEN, ALL)
    pg.lift("restriction:2")
    assert security(pg) == before


def test_done_again_it_changes_nothing_more(pg: Shop) -> None:
    """A restriction that was interrupted after its transaction is carried out again without harm."""
    pg.place()
    before = security(pg)
    pg.place()
    assert (security(pg), pg.seen(pg.app)) == (before, HIDDEN)


def test_rows_that_come_later_are_hidden(pg: Shop) -> None:
    """A new order of the person can be stored, concurrently, and is hidden at once."""
    pg.place()

    def insert(number: int) -> None:
        with shop.acting(pg.engine, pg.app) as connection:
            connection.exec_driver_sql(f"INSERT INTO orders VALUES ({number}, 1, 'late')")
            connection.commit()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(insert, range(100, 112)))
    assert pg.seen(pg.app) == HIDDEN
    assert pg.prove().state == "proven"


def test_rows_that_come_by_value_are_found_by_the_proof(pg: Shop) -> None:
    """A copy that names the person by e-mail only is readable until it is done again; the proof says so."""
    pg.place()
    pg.run("INSERT INTO news VALUES (40, 'ada@EXAMPLE.org')")
    assert (pg.prove().state, pg.prove().readable) == ("readable", 2)
    pg.place()
    assert pg.prove().state == "proven"


def test_copy_update_and_delete_meet_nothing(pg: Shop) -> None:
    """COPY sends no hidden row; an UPDATE or DELETE of the whole table leaves them alone."""
    pg.place()
    rows = shop.contents(pg.engine)
    with shop.acting(pg.engine, pg.app) as connection:
        cursor: Any = connection.connection.cursor()
        with cursor.copy("COPY customers TO STDOUT") as copy:
            assert b"".join(copy).count(b"\n") == 1
        assert connection.exec_driver_sql("UPDATE orders SET gift = 'x'").rowcount == 1
        assert connection.exec_driver_sql("DELETE FROM items").rowcount == 1
    assert shop.contents(pg.engine) == rows


def test_an_index_only_count_and_a_key_error_show_no_value(pg: Shop) -> None:
    """Counting by index sees nothing; a duplicate key tells that a row is there, and nothing else of it."""
    pg.place()
    with shop.acting(pg.engine, pg.app) as connection:
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        assert connection.scalar(sa.text("SELECT count(id) FROM customers WHERE id = 1")) == 0
        with pytest.raises(sa.exc.IntegrityError) as caught:
            connection.exec_driver_sql("INSERT INTO customers VALUES (1, 'x', 'y')")
        assert "Lovelace" not in str(caught.value)


def test_a_view_with_its_owners_rights_is_found(pg: Shop) -> None:
    """A view that shows the key is read and found out; one that hides it is unproven; an invoker's view is proven."""
    pg.place()
    pg.run("CREATE VIEW v AS SELECT * FROM customers", 'GRANT SELECT ON v TO "{app}"')
    assert (pg.prove().state, pg.prove().readable) == ("readable", 1)
    pg.run("DROP VIEW v", "CREATE VIEW v AS SELECT name FROM customers", 'GRANT SELECT ON v TO "{app}"')
    assert pg.prove().state == "unproven"
    pg.run("ALTER VIEW v SET (security_invoker = true)")
    assert pg.prove().state == "proven"


def test_a_definers_function_is_found(pg: Shop) -> None:
    """A SECURITY DEFINER function that names a table leaves it unproven."""
    pg.place()
    pg.run(
        "CREATE FUNCTION peek() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT count(*) FROM customers'"
    )
    assert pg.prove().state == "unproven"
    assert any("public.peek" in sight.reader for sight in pg.prove().sights)


def test_a_role_nobody_declared_is_found(pg: Shop) -> None:
    """A role that may read the table and stands in no data map leaves it unproven."""
    pg.place()
    pg.run('CREATE ROLE "{app} too"', 'GRANT SELECT ON orders TO "{app} too"')
    try:
        assert pg.prove().state == "unproven"
    finally:
        pg.run('DROP OWNED BY "{app} too"', 'DROP ROLE "{app} too"')


def test_a_role_that_no_policy_binds_is_found(pg: Shop) -> None:
    """A declared role with BYPASSRLS reads the rows, and the proof says so."""
    pg.place()
    pg.run("ALTER ROLE {law} BYPASSRLS")
    assert pg.prove().state == "readable"


def test_a_role_that_owns_the_table_is_bound(pg: Shop) -> None:
    """Where the application owns its tables, row security is forced; lifting it frees the owner again."""
    pg.run(*(f'ALTER TABLE {name} OWNER TO "{{app}}"' for name in shop.TABLES))
    before = security(pg)
    pg.place()
    assert pg.seen(pg.app) == HIDDEN
    assert pg.prove().state == "proven"
    pg.lift()
    assert security(pg) == before


@pytest.mark.parametrize("forced", ["NO FORCE", "FORCE"])
def test_row_security_that_was_there_stays_as_it_was(pg: Shop, forced: str) -> None:
    """Nobody sees more than before where a table had policies, and they are all back afterwards."""
    pg.run(
        'ALTER TABLE orders OWNER TO "{app}"',
        "CREATE POLICY mine ON orders FOR SELECT TO {law} USING (customer_id = 1)",
        f"ALTER TABLE orders ENABLE ROW LEVEL SECURITY, {forced} ROW LEVEL SECURITY",
    )
    before, lawyers, owners = security(pg), pg.seen(pg.law), pg.seen(pg.app)
    pg.place("restriction:1", "legal-claims", "support")
    assert (pg.seen(pg.law), pg.seen(pg.app)) == (lawyers, owners)
    pg.place("restriction:2")
    assert pg.seen(pg.law)["orders"] == 0
    pg.lift("restriction:1")
    pg.lift("restriction:2")
    assert security(pg) == before


def test_policies_that_sleep_are_not_woken(pg: Shop) -> None:
    """Where switching row security on would wake somebody's restrictive policy, nothing is put in place there."""
    pg.run("CREATE POLICY none ON orders AS RESTRICTIVE USING (false)")
    placed = {one.dataset: one.means for one in pg.place()}
    assert placed["app.orders"] is Means.NONE
    assert pg.seen(pg.app)["orders"] == 3
    assert pg.prove().state == "readable"


def test_partitions_are_hidden_too(pg: Shop) -> None:
    """Who may read a partition directly reads nothing there either."""
    pg.run(
        "DROP TABLE news",
        "CREATE TABLE news (id integer, email varchar(60), PRIMARY KEY (id)) PARTITION BY RANGE (id)",
        "CREATE TABLE news_low PARTITION OF news FOR VALUES FROM (0) TO (100)",
        "INSERT INTO news VALUES (31, 'ada@example.org'), (32, 'bob@example.org')",
        'GRANT SELECT ON news, news_low TO "{app}", {law}',
    )
    pg.place()
    with shop.acting(pg.engine, pg.app) as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM news_low")) == 1
    assert pg.prove().state == "proven"


def test_a_table_in_use_is_waited_for_and_nothing_is_half_done(pg: Shop) -> None:
    """While somebody holds a table the restriction waits, then gives up whole."""
    with pg.engine.connect() as other, pytest.MonkeyPatch.context() as patched:
        patched.setattr("troth.stores.sql.restrict_postgresql.LOCK_WAIT", "200ms")
        other.exec_driver_sql("LOCK TABLE news IN ACCESS SHARE MODE")
        with pytest.raises(StoreError):
            pg.place()
        other.rollback()
    assert pg.seen(pg.app) == ALL
    pg.place()
    assert pg.seen(pg.app) == HIDDEN


def test_roles_that_are_not_there_and_troth_itself_are_refused(pg: Shop, pg_url: str) -> None:
    """A role that does not exist, none at all, and Troth's own are no roles to keep out."""
    for roles in ({}, {"never_made": ("support",)}):
        with pytest.raises(Refused):
            restrict.place(
                pg.engine, pg.catalog, shop.people(ADA), WAYS, shop.order("restriction:1", roles), {}
            )
    pg.run(
        'ALTER ROLE "{app}" LOGIN PASSWORD $$x$$',
        *(f'ALTER TABLE {name} OWNER TO "{{app}}"' for name in shop.TABLES),
        'GRANT CREATE ON SCHEMA public TO "{app}"',
    )
    name = sa.make_url(pg_url).set(username=pg.app, password="x").render_as_string(hide_password=False)
    engine = opening.connect(name, store="app")
    with pytest.raises(Refused, match="own role"):
        restrict.place(engine, shop.catalog(engine), shop.people(ADA), WAYS, pg.order(), {})
    engine.dispose()


def test_a_role_troth_may_not_take_leaves_it_unproven(pg: Shop, pg_url: str) -> None:
    """Without the right to act as a role nobody can look, and nothing is proven."""
    pg.place()
    pg.run(
        'CREATE ROLE "{app} sees" LOGIN BYPASSRLS PASSWORD $$x$$',
        'GRANT SELECT ON ALL TABLES IN SCHEMA public TO "{app} sees"',
    )
    url = sa.make_url(pg_url).set(username=f"{pg.app} sees", password="x")
    engine = opening.connect(url.render_as_string(hide_password=False), store="app")
    try:
        proof = restrict.prove(engine, shop.catalog(engine), shop.people(ADA), WAYS, pg.order())
        assert proof.state == "unproven"
    finally:
        engine.dispose()
        pg.run('DROP OWNED BY "{app} sees"', 'DROP ROLE "{app} sees"')


def test_truncate_is_named(pg: Shop) -> None:
    """TRUNCATE is refused to a role without the right to it, and one that has it is named."""
    pg.place()
    with shop.acting(pg.engine, pg.app) as connection, pytest.raises(sa.exc.ProgrammingError):
        connection.exec_driver_sql("TRUNCATE news")
    assert not any("TRUNCATE" in note for note in pg.prove().notes)
    pg.run('GRANT TRUNCATE ON news TO "{app}"')
    assert any("TRUNCATE" in note and pg.app in note for note in pg.prove().notes)

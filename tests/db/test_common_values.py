"""A copied address or number that somebody else has too, in another spelling: the row is both people's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from db import mariadb
from db.restoring import ERASED, Story
from troth.app import erasing
from troth.app.clock import Moment
from troth.app.wishes import Wish
from troth.people.typed import Line
from troth.rights.model import ErasurePlan

LETTER = '{"id": 1, "email": "person2@example.org", "other": null}'
VERIFIED = "identities: {email: {field: email, verified: verified}}"
MINE = "Jos\u00e9.Stra\u00dfe@b\u00fccher.example"
"""Customer 2, who is erased."""
SPELLINGS = {
    "the same": (MINE, MINE),
    "case": ("JOS\u00c9.STRA\u00dfE@B\u00dcCHER.example", MINE),
    "case of the copy": (MINE, "jos\u00e9.stra\u00dfe@B\u00fccher.EXAMPLE"),
    "folded": ("jos\u00e9.strasse@b\u00fccher.example", MINE),
    "domain": ("jos\u00e9.stra\u00dfe@xn--bcher-kva.example", MINE),
    "blanks": (f" {MINE} ", MINE),
    "accent apart": ("Jose\u0301.Stra\u00dfe@b\u00fccher.example", MINE),
    "all of them": (
        "JOSE\u0301.STRASSE@XN--BCHER-KVA.EXAMPLE",
        "\u2003jos\u00e9.strasse@B\u00dcCHER.example",
    ),
}
"""How another customer, and the copy, write it."""
APART = {"accent apart", "all of them"}
"""What MariaDB cannot join, which has no NFKC."""


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def story(request: pytest.FixtureRequest, tmp_path: Path) -> Story:
    """Begin with a full store in each database, in which no address is verified."""
    names = {"sqlite": None, "postgresql": "new_pg_url", "mariadb": "new_mariadb_url"}
    name = names[request.param]
    made = Story.begin(tmp_path / "shop", request.getfixturevalue(name) if name else None)
    path = made.folder / "datamap.yaml"
    path.write_text(path.read_text().replace(VERIFIED, "identities: {email: email}"))
    return made


def erasure(story: Story) -> ErasurePlan:
    """Plan the erasure of customer 2."""
    wish = Wish(lines=(Line(source="<arguments>", line=1, text="customer/2"),), limit=20)
    clock, asker = story.clock(ERASED), erasing.Asker(by="tester")
    plan = erasing.plan(wish, story.folder, story.environment, clock, Moment(at=ERASED), asker).plan
    assert plan is not None
    return plan


def write(story: Story, theirs: str, copied: str, mine: str = MINE) -> None:
    """Give customers 2 and 3 and a letter their spellings."""
    story.run(
        f"UPDATE customers SET email = '{mine}' WHERE id = 2",
        f"UPDATE customers SET email = '{theirs}' WHERE id = 3",
        f"UPDATE letters SET email = '{copied}' WHERE id = 2",
    )


@pytest.mark.parametrize("how", SPELLINGS)
def test_a_copy_that_is_somebody_elses_too_stays(story: Story, how: str) -> None:
    """A letter to an address that two customers have, each in a spelling of their own, is not one's alone."""
    if how in APART and story.url.startswith("mariadb"):
        pytest.skip("MariaDB does not join accents to letters")
    write(story, *SPELLINGS[how])
    plan = erasure(story)
    assert [one.rows for one in plan.spared if one.reason == "shared"] == [1]
    story.apply(plan, at=ERASED)
    assert 2 in {row[0] for row in story.state()["letters"]}
    assert [row[0] for row in story.state()["customers"]] == [1, 3, 4, 5, 6]


def test_a_copy_that_is_nobody_elses_goes(story: Story) -> None:
    """Another customer with nearly the same address changes nothing, whoever writes the copy how."""
    write(story, "jos\u00e9.stra\u00dfen@b\u00fccher.example", "jos\u00e9.strasse@b\u00fccher.example")
    plan = erasure(story)
    assert not [one for one in plan.spared if one.reason == "shared"]
    story.apply(plan, at=ERASED)
    assert 2 not in {row[0] for row in story.state()["letters"]}


def test_somebody_who_comes_between_plan_and_erasure_keeps_the_copy(story: Story) -> None:
    """The question is asked again as the rows are erased."""
    write(story, "nobody@example.org", MINE)
    plan = erasure(story)
    story.run("UPDATE customers SET email = 'JOS\u00c9.STRASSE@b\u00fccher.example' WHERE id = 3")
    story.apply(plan, at=ERASED)
    assert 2 in {row[0] for row in story.state()["letters"]}


def test_two_people_erased_together_share_with_nobody(story: Story) -> None:
    """A copy that two have goes when both of them do."""
    write(story, *SPELLINGS["case"])
    story.erase("customer/2", "customer/3")
    assert {row[0] for row in story.state()["letters"]} == {1, 3, 4, 5, 6}


def test_a_phone_number_in_national_spelling(story: Story) -> None:
    """A number in international form and as it is dialled in the country of the store is one number."""
    path = story.folder / "datamap.yaml"
    path.write_text(path.read_text().replace("{email: email}", "{phone: email}"))
    write(story, "(415) 555-0132", "+1 415 555 0132", mine="415.555.0132")
    assert [one.rows for one in erasure(story).spared if one.reason == "shared"] == [1]


def test_an_index_finds_who_else_has_it(story: Story) -> None:
    """PostgreSQL reads few customers of many, and no statement is written for each person."""
    if not story.url.startswith("postgresql"):
        pytest.skip("an index of PostgreSQL")
    story.run(
        "INSERT INTO customers SELECT g, 'n', 'user' || g || '@example.org', 1, NULL, NULL "
        "FROM generate_series(100, 30000) g",
        "INSERT INTO letters SELECT g, 'user' || g || '@example.org', 'b', NULL FROM generate_series(100, 30000) g",
        "CREATE INDEX customers_email ON customers (email)",
        "ANALYZE customers, letters",
    )
    write(story, "Kim.Boss@Example.org", "kim.boss@example.org", mine="KIM.boss@example.org")
    plans: list[str] = []

    def explained(connection: Connection, _c: object, text: str, given: Any, *_: object) -> None:
        if "troth_here" in text and not text.startswith("EXPLAIN"):
            cursor = connection.connection.cursor()
            cursor.execute("EXPLAIN " + text, given)
            plans.append("\n".join(row[0] for row in cursor.fetchall()))

    sa.event.listen(sa.Engine, "before_cursor_execute", explained)
    try:
        plan = erasure(story)
        story.apply(plan, at=ERASED)
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", explained)
    assert 2 in {row[0] for row in story.state()["letters"]}
    assert plans and not [one for one in plans if "Seq Scan on customers" in one], plans


def test_nobody_waits_to_sign_up(story: Story) -> None:
    """While MariaDB erases somebody with an address of others, other rows of the people's table are free."""
    if not story.url.startswith("mariadb"):
        pytest.skip("INSERT … SELECT of MariaDB locks what it reads")
    story.run(
        "INSERT INTO customers SELECT seq, 'n', CONCAT('u', seq, '@example.org'), 1, NULL, NULL "
        "FROM seq_100_to_4000",
        "ANALYZE TABLE customers",
    )
    write(story, "x@example.org", MINE)
    plan, tried = erasure(story), list[str]()

    def beside(_connection: Connection, _cursor: object, text: str, *_: object) -> None:
        if not tried and text.startswith("DELETE"):
            tried.append(text)
            story.run(
                "SET SESSION innodb_lock_wait_timeout = 1",
                "UPDATE customers SET name = 'new' WHERE id = 3000",
                "INSERT INTO customers (id, name) VALUES (99999, 'new')",
            )

    sa.event.listen(sa.Engine, "before_cursor_execute", beside)
    try:
        story.apply(plan, at=ERASED)
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", beside)
    assert tried


def test_no_binary_log_has_the_address(
    story: Story, maria: mariadb.Server, request: pytest.FixtureRequest
) -> None:
    """What others have too is staged past MariaDB's log, as the people are."""
    if not story.url.startswith("mariadb"):
        pytest.skip("only MariaDB logs statements")
    write(story, "zz@Example.org", "ZZ@example.org", mine="Zz@example.org")
    story.run("UPDATE customers SET email = 'ZZ@EXAMPLE.org' WHERE id = 4", "UPDATE letters SET email = NULL")
    story.run("UPDATE letters SET email = 'person5@example.org' WHERE id = 5")
    begun = maria.new_log()
    story.erase("customer/2", "customer/3", "customer/5")
    events = maria.logged(story.url.rpartition("/")[2], since=begun)
    assert "DELETE" in events
    assert not [word for word in ("INSERT INTO troth_common_", "z@example") if word in events.lower()]


READERS = """\
  lake.readers: {kept-as: transaction, on-expiry: delete-row, fields: {contact: [email]}}
  lake.mails:
    subject:
      - customer via email = app.customers.email
      - reader via email = readers.email
      - reader via other = readers.email
    kept-as: transaction
    on-expiry: delete-row
    fields: {contact: [email, other]}
"""


def test_people_whose_own_rows_are_in_a_lake(story: Story) -> None:
    """A lake is not asked what people of its own have in common: only people of a database are ever at hand."""
    pytest.importorskip("duckdb")
    for name, line in (("readers", '{"id": 1, "email": "PERSON2@example.org"}'), ("mails", LETTER)):
        (story.folder / "lake" / name).mkdir(parents=True)
        (story.folder / "lake" / name / "1.jsonl").write_text(line + "\n")
    path = story.folder / "datamap.yaml"
    text = path.read_text().replace(
        "stores:\n", 'stores:\n  lake: {files: "lake/{dataset}/*.jsonl", located: US}\n'
    )
    reader = "  reader: {dataset: lake.readers, key: id, identities: {email: email}}\n"
    path.write_text(text.replace("datasets:\n", f"{reader}datasets:\n", 1) + READERS)
    plan = erasure(story)
    assert dict(plan.counted)["lake.mails"] == 1

"""`troth find` as people run it: what it prints, where values come from, what bad input gets."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from e2e.shops import Shop, refused


def test_a_person_is_found(any_shop: Shop) -> None:
    """Every dataset stands in the answer with its rows and its ways."""
    done = any_shop.troth("find", "email:N4@Example.org")
    assert done.returncode == 0, done.stderr
    assert "1 person found by 1 identity" in done.stdout
    assert "customer_id = app.customers.id" in done.stdout
    assert "5 rows in 2 of 2 datasets" in done.stdout


@pytest.mark.parametrize("arguments", [("--from", "-"), ("--from", "who.txt")])
def test_values_need_not_stand_on_the_command_line(shop: Shop, arguments: tuple[str, str]) -> None:
    """Identities come from a file or from standard input, with remarks and empty lines."""
    text = "\ufeff# a request\r\n\r\nemail:n4@example.org\r\n"
    (shop.folder / "who.txt").write_text(text, encoding="utf-8")
    done = shop.troth("find", *arguments, stdin=text)
    assert done.returncode == 0, done.stderr
    assert "5 rows" in done.stdout


def test_nobody(any_shop: Shop) -> None:
    """Nobody found is an outcome of its own, and lists what was looked at."""
    done = any_shop.troth("find", "email:nobody@example.org")
    refused(done, 1, "Nobody was found in any dataset", "app.orders", "0 rows in 0 of 2 datasets")


def test_half_known(shop: Shop) -> None:
    """What nobody has is named by kind and position."""
    done = shop.troth("find", "id:2", "email:nobody@example.org")
    assert done.returncode == 0
    assert "Nobody has: email 2" in done.stdout


def test_two_people(shop: Shop) -> None:
    """An identity of two people is warned of, and they are shown apart."""
    shop.sql("UPDATE customers SET email = 'n4@example.org' WHERE id = 6")
    done = shop.troth("find", "email:n4@example.org", "--show-keys")
    assert done.returncode == 0
    for words in ("2 people found", "email 1 matches 2 rows", "app.customers/4", "app.customers/6"):
        assert words in done.stdout


def test_above_the_limit(shop: Shop) -> None:
    """Too many people with one identity: their number, and nobody taken in."""
    shop.sql("UPDATE customers SET email = 'all@example.org'")
    refused(shop.troth("find", "email:all@example.org"), 1, "matches 40 people, more than 20")
    assert shop.troth("find", "email:all@example.org", "--limit", "40").returncode == 0


def test_no_value_and_no_key_unless_asked(any_shop: Shop) -> None:
    """Nothing that was typed or found comes back; keys only on demand."""
    for format in ("text", "json"):
        plain = any_shop.troth("find", "email:n4@example.org", "--format", format)
        assert plain.returncode == 0
        assert "example.org" not in plain.stdout + plain.stderr
        assert "app.customers/4" not in plain.stdout
    assert "app.customers/4" in any_shop.troth("find", "id:4", "--show-keys").stdout


def test_json(any_shop: Shop) -> None:
    """The JSON says format, outcome, people and datasets."""
    made = json.loads(any_shop.troth("find", "id:4", "--format", "json").stdout)
    assert (made["format"], made["outcome"]) == ("troth.find/1", "found")
    assert {one["dataset"]: one["rows"] for one in made["datasets"]} == {"app.customers": 1, "app.orders": 4}


def test_all_faults_at_once_without_a_value(shop: Shop) -> None:
    """Every bad line is named with its kind; not even the line itself is shown."""
    (shop.folder / "who.txt").write_text(
        "email:secret1\nemial:secret2@example.org\nname:Secret3\nsecret4\nid:\n"
    )
    done = shop.troth("find", "--from", "who.txt")
    refused(
        done, 2, "line 1 (email)", "line 2", "Write `email`", "line 3", "line 4", "line 5 (id)", "5 faults"
    )
    assert "secret" not in (done.stdout + done.stderr).lower()


@pytest.mark.parametrize("data", [b"email:n4@example.org\n\xff\n", b""])
def test_a_list_that_cannot_be_used(shop: Shop, data: bytes) -> None:
    """A file that is not UTF-8, or says nothing, is refused."""
    (shop.folder / "who.txt").write_bytes(data)
    refused(shop.troth("find", "--from", "who.txt"), 2)


def test_a_list_that_is_not_there(shop: Shop) -> None:
    """A missing file is named."""
    refused(shop.troth("find", "--from", "nowhere.txt"), 2, "nowhere.txt")


def test_nothing_given(shop: Shop) -> None:
    """No identity at all is said, with what to do."""
    refused(shop.troth("find"), 2, "No identity to look for was given", "--from")


def test_a_store_that_does_not_answer(shop: Shop, tmp_path: Path) -> None:
    """The store is named and the exit code says so."""
    done = shop.having(APP_DB=f"sqlite:///{tmp_path}/gone.sqlite").troth("find", "id:4")
    refused(done, 3, "Not looked at: store app")


def test_another_day_is_a_simulation(shop: Shop) -> None:
    """An instant that is not now is labelled."""
    assert "SIMULATION for 2030-01-01" in shop.troth("find", "id:4", "--at", "2030-01-01").stdout

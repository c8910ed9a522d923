"""`troth export` as people run it: what it prints and leaves behind, and what bad input gets."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from e2e.shops import Shop, refused


def made(shop: Shop, *arguments: str) -> Path:
    """Export, and return the folder."""
    done = shop.troth("export", *arguments, "--out", "out")
    assert done.returncode == 0, done.stdout + done.stderr
    return shop.folder / "out"


def test_a_package_is_made_and_holds(any_shop: Shop) -> None:
    """One person's package is made, verifies, and stands in the evidence log without a value."""
    out = made(any_shop, "email:N4@Example.org")
    assert {p.name for p in (out / "person-0001").iterdir()} == {
        "csv", "data.json", "manifest.json", "manifest.note", "page.html", "schema.json",
    }  # fmt: skip
    assert "N4" in (out / "person-0001" / "page.html").read_text()
    assert "Verified: 7 files" in any_shop.troth("export", "--verify", "out").stdout
    log = any_shop.troth("evidence", "list").stdout
    assert "export.made" in log and "rows=5" in log
    assert any_shop.troth("evidence", "verify").returncode in (0, 5)


def test_no_value_outside_the_package(any_shop: Shop) -> None:
    """Neither the screen nor the outer manifest holds a value or a key."""
    done = any_shop.troth("export", "email:n4@example.org", "--out", "out")
    outer = (any_shop.folder / "out" / "manifest.json").read_text()
    for text in (done.stdout + done.stderr, outer):
        assert "example.org" not in text and "N4" not in text


@pytest.mark.parametrize("arguments", [("--from", "-"), ("--from", "who.txt")])
def test_values_need_not_stand_on_the_command_line(shop: Shop, arguments: tuple[str, str]) -> None:
    """Identities come from a file or from standard input."""
    text = "# a request\nemail:n4@example.org\nid:6\n"
    (shop.folder / "who.txt").write_text(text)
    done = shop.troth("export", *arguments, "--out", "out", stdin=text)
    assert done.returncode == 0, done.stderr
    assert "9 rows about 2 people" in done.stdout or "8 rows about 2 people" in done.stdout


def test_nobody(any_shop: Shop) -> None:
    """Nobody found is an outcome of its own: no package, exit 1."""
    done = any_shop.troth("export", "email:nobody@example.org", "--out", "out")
    refused(done, 1, "Nobody was found", "app.orders")
    assert not (any_shop.folder / "out").exists()


def test_half_known(shop: Shop) -> None:
    """Who was not found is named by position."""
    done = shop.troth("export", "id:2", "email:nobody@example.org", "--out", "out")
    assert done.returncode == 0
    assert "Nothing was found of: identity 2" in done.stdout


def test_two_people_with_one_identity(shop: Shop) -> None:
    """It is not clear who is meant: refused, and nothing made."""
    shop.sql("UPDATE customers SET email = 'n4@example.org' WHERE id = 6")
    done = shop.troth("export", "email:n4@example.org", "--out", "out")
    refused(done, 5, "email 1", "only one is meant")
    assert not (shop.folder / "out").exists()


def test_a_folder_that_is_not_empty(shop: Shop) -> None:
    """An export is never mixed with anything else."""
    made(shop, "id:4")
    refused(shop.troth("export", "id:4", "--out", "out"), 5, "not empty")


def test_no_folder_named(shop: Shop) -> None:
    """Without --out there is nothing to make."""
    refused(shop.troth("export", "id:4"), 2, "--out")


@pytest.mark.parametrize("format", ["pdf", "json,xml", ","])
def test_an_unknown_format(shop: Shop, format: str) -> None:
    """Formats are named that there are."""
    refused(shop.troth("export", "id:4", "--out", "out", "--format", format), 2, "json, csv, html")


def test_json_alone(any_shop: Shop) -> None:
    """One format alone has its file and nothing more."""
    out = made(any_shop, "id:4", "--format", "json")
    assert {p.name for p in (out / "person-0001").iterdir()} == {"data.json", "schema.json"}
    assert any_shop.troth("export", "--verify", "out").returncode == 0


def test_a_store_that_does_not_answer(shop: Shop, tmp_path: Path) -> None:
    """No package without it; with --incomplete one that says so, and still exit 3."""
    more = '  help: {url: "${HELP_DB}", timezone: UTC}\nsubjects:\n'
    shop.write("datamap.yaml", "subjects:\n", more)
    gone = shop.having(HELP_DB=f"sqlite:///{tmp_path}/gone.sqlite")
    refused(gone.troth("export", "id:4", "--out", "out"), 3, "store help", "--incomplete")
    assert not (shop.folder / "out").exists()
    refused(gone.troth("export", "id:4", "--out", "out", "--incomplete"), 3, "Not looked at: store help")
    value = json.loads((shop.folder / "out" / "manifest.json").read_text())
    assert value["incomplete"] is True
    assert "Not complete" in (shop.folder / "out" / "person-0001" / "page.html").read_text()


def test_what_a_stopped_export_left(shop: Shop) -> None:
    """A folder of a stopped export is named, for it holds personal data."""
    (shop.folder / ".out.partial-0badcafe").mkdir()
    assert "delete it" in shop.troth("export", "id:4", "--out", "out").stdout


def test_a_changed_package(shop: Shop) -> None:
    """A changed file does not verify, and is named."""
    path = made(shop, "id:4") / "person-0001" / "data.json"
    path.write_text(path.read_text().replace("N4", "N5"))
    refused(shop.troth("export", "--verify", "out"), 1, "person-0001/data.json was changed")


def test_what_is_no_package(shop: Shop) -> None:
    """A folder without a manifest is no package."""
    refused(shop.troth("export", "--verify", "."), 2, "manifest.json")


def test_a_pinned_key(shop: Shop) -> None:
    """A package holds for the key that signed it alone."""
    made(shop, "id:4")
    shop.troth("evidence", "checkpoint")
    other = Shop.make(shop.folder.parent / "other", f"sqlite:///{shop.folder.parent}/other.sqlite")
    made(other, "id:4")
    refused(shop.troth("export", "--verify", "../other/out"), 1, "not signed by the key")
    refused(shop.troth("export", "--verify", "out", "--key", "nonsense"), 2, "--key")


def test_another_day_is_a_simulation(shop: Shop) -> None:
    """An instant that is not now is labelled everywhere."""
    done = shop.troth("export", "id:4", "--out", "out", "--at", "2030-01-01")
    assert "SIMULATION" in done.stdout
    assert "Simulation." in (shop.folder / "out" / "person-0001" / "page.html").read_text()

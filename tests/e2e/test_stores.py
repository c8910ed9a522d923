"""Whether each store answers, and what it can do, by the command."""

from __future__ import annotations

import json

from e2e.shops import Shop

SHELF = """
stores:
  binders: {kind: physical, located: DE}
  away: {url: "postgresql://ann:secret@127.0.0.1:1/x", located: US}
"""


def test_each_store_says_what_it_can_do(shop: Shop) -> None:
    """A database can do everything, a shelf nothing."""
    (shop.folder / "more.yaml").write_text(SHELF.replace(SHELF.splitlines()[3], ""))
    shop.write("troth.yaml", "include: [datamap.yaml]", "include: [datamap.yaml, more.yaml]")
    done = shop.troth("stores", "--format", "json")
    assert done.returncode == 0, done.stderr
    found = {one["store"]: one for one in json.loads(done.stdout)}
    assert found["app"]["cannot"] == []
    assert found["app"]["atomic"]
    assert "delete" in found["binders"]["cannot"]


def test_a_store_that_does_not_answer_is_named(shop: Shop) -> None:
    """The others are shown; the exit code says that one is missing, and no password is repeated."""
    (shop.folder / "more.yaml").write_text(SHELF)
    shop.write("troth.yaml", "include: [datamap.yaml]", "include: [datamap.yaml, more.yaml]")
    done = shop.troth("stores")
    assert done.returncode == 3
    assert "does not answer" in done.stdout
    assert "secret" not in done.stdout + done.stderr

"""A wrong value corrected by the installed command."""

from __future__ import annotations

from e2e.shops import Shop, refused

FIELD = ("--field", "app.customers.email")


def test_corrected_once_it_is_asked_for(any_shop: Shop) -> None:
    """Shown first, then done; evidence has digests, and no value is said anywhere."""
    (any_shop.folder / "new.txt").write_text("new@example.org\n")
    shown = any_shop.troth("rectify", "customer/2", *FIELD, "--to-from", "new.txt")
    assert (shown.returncode, "Would correct 1 value;" in shown.stdout) == (0, True), (
        shown.stdout + shown.stderr
    )
    assert any_shop.sql("SELECT email FROM customers WHERE id = 2") == [("n2@example.org",)]
    done = any_shop.troth("rectify", "email:n2@example.org", *FIELD, "--to-from", "new.txt", "--apply")
    assert (done.returncode, "no row of theirs has" in done.stdout) == (0, True), done.stdout + done.stderr
    assert any_shop.sql("SELECT email FROM customers WHERE id = 2") == [("new@example.org",)]
    log = any_shop.troth("evidence", "list").stdout
    assert "rectify.done" in log
    assert "example.org" not in log + done.stdout + done.stderr + shown.stdout


def test_what_cannot_be_corrected_is_refused(shop: Shop) -> None:
    """Nobody, several people, no field, and a value that is no address change nothing."""
    to = ("--to", "new@example.org")
    refused(shop.troth("rectify", "email:nobody@example.org", *FIELD, *to), 5, "Nobody was found")
    refused(shop.troth("rectify", "customer/2", "customer/3", *FIELD, *to), 5, "One person")
    refused(shop.troth("rectify", "customer/2", "--field", "app.customers.emial", *to), 2, "email")
    refused(shop.troth("rectify", "customer/2", *FIELD, "--to", "not an address"), 2, "no usable email")

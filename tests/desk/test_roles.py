"""Which role may do what, as every screen of the console asks it."""

from __future__ import annotations

from desk.serving import Served


def test_the_server_is_ready(desk: Served) -> None:
    """The server says that ledger and project answer."""
    answer = desk.visitor().get("/health/ready")
    assert answer.status == 200
    assert answer.json["ledger"] == "ok"


def test_signing_in_takes_password_and_code(desk: Served) -> None:
    """Staff come in with password and code."""
    visitor = desk.signed_in("lead")
    assert "troth-session" in visitor.cookies

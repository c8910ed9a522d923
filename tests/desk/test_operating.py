"""What whoever runs the desk asks of it: health, numbers, and a log without anything of a person."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from desk.serving import Served, Visitor

CANARY = "canary-7f3a"


def lines(served: Served) -> list[dict[str, Any]]:
    """Return what the server logged, line by line."""
    return [json.loads(line) for line in served.said().splitlines() if line.startswith("{")]


def test_live_asks_nothing(desk: Served) -> None:
    """A process that takes requests is alive."""
    answer = desk.visitor().get("/health/live")
    assert (answer.status, answer.json) == (200, {"alive": True})


def test_ready_names_what_answers(desk: Served) -> None:
    """A process is ready when ledger and project answer."""
    answer = desk.visitor().get("/health/ready")
    assert answer.status == 200
    assert answer.json == {"ready": True, "ledger": "ok", "project": "ok", "worker": "none"}


def test_ready_says_when_the_project_has_faults(serve: Callable[..., Served]) -> None:
    """Faults in the project's files make the process not ready, and pages say that it is not the reader's fault."""
    served = serve()
    main = served.project.folder / "troth.yaml"
    good = main.read_text()
    main.write_text(good.replace("organisation:", "organization:"))
    answer = served.visitor().get("/health/ready")
    assert (answer.status, answer.json["project"]) == (503, "faults")
    page = served.visitor().get("/account/login/")
    assert page.status < 500 or "not available" in page.words.casefold()
    assert "organization" not in page.text
    main.write_text(good)
    assert served.visitor().get("/health/ready").status == 200


def test_metrics_are_for_this_machine(desk: Served) -> None:
    """A scrape from this machine finds counts of requests, promises and length of time."""
    desk.visitor().get("/account/login/")
    text = desk.visitor().get("/metrics").text
    assert 'troth_request_seconds_count{method="GET",route="account_login",status="200"}' in text
    assert "troth_requests_overdue 0.0" in text
    assert "# TYPE troth_cases gauge" in text
    assert 'troth_jobs{state="waiting"} 0.0' in text


@pytest.mark.parametrize(
    "header",
    [
        {"X-Forwarded-For": "203.0.113.9"},
        {"X-Forwarded-For": "127.0.0.1"},
        {"X-Forwarded-For": ""},
        {"Forwarded": "for=203.0.113.9;proto=https"},
        {"Via": "1.1 proxy"},
        {"X-Real-IP": "127.0.0.1"},
        {"X-Forwarded-Proto": "https"},
        {"Host": "privacy.example.org"},
        {"Authorization": "Bearer "},
    ],
    ids=str,
)
def test_metrics_are_not_passed_on(desk: Served, header: dict[str, str]) -> None:
    """What came through a proxy on this machine gets none, though nobody said that there is one."""
    answer = Visitor(address=desk.address, headers=header).get("/metrics")
    assert answer.status == (200 if "Authorization" in header else 400 if "Host" in header else 404)
    assert ("troth_requests_overdue" in answer.text) is ("Authorization" in header)


def test_metrics_under_the_public_name_want_the_token(serve: Callable[..., Served]) -> None:
    """A proxy that adds nothing but passes the host on is known by it; the name of this machine is not refused."""
    served = serve(TROTH_HOSTS="privacy.example.org", TROTH_METRICS_TOKEN="open-sesame")
    public = Visitor(address=served.address, headers={"Host": "privacy.example.org"})
    assert public.get("/metrics").status == 404
    assert public.get("/metrics", Authorization="Bearer open-sesame").status == 200
    assert served.visitor().get("/metrics").status == 200


def test_metrics_are_for_nobody_else(serve: Callable[..., Served]) -> None:
    """From elsewhere metrics are not there, but for whoever has the token."""
    served = serve(TROTH_PROXY="yes", TROTH_METRICS_TOKEN="open-sesame")
    far = Visitor(address=served.address, headers={"X-Forwarded-For": "127.0.0.1, 203.0.113.9"})
    assert far.get("/metrics").status == 404
    assert far.get("/metrics", Authorization="Bearer open-sesam").status == 404
    assert far.get("/metrics", Authorization="Bearer open-sesame").status == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_health_is_read_only(desk: Served, method: str) -> None:
    """Asking for health in another way changes nothing and gets 405."""
    assert desk.visitor().ask(method, "/health/ready").status in (403, 405)


def test_the_log_tells_requests_by_route(desk: Served) -> None:
    """A line has method, route, status, length and the number of the member of staff."""
    visitor = desk.signed_in("lead")
    visitor.get("/account/sessions/")
    line = [one for one in lines(desk) if one.get("route") == "usersessions_list"][-1]
    assert line["method"] == "GET"
    assert line["status"] == 200
    assert line["staff"] == desk.project.staff["lead"].staff
    assert line["ms"] >= 0


def test_no_input_comes_into_the_log(desk: Served) -> None:
    """What anybody types, in address, form, header or cookie, stands in no line of the log."""
    visitor = desk.visitor()
    visitor.get(f"/r/{CANARY}/")
    visitor.get(f"/desk/requests/{CANARY}/?q={CANARY}")
    visitor.get(f"/account/login/?next=/{CANARY}")
    visitor.post("/account/login/", {"login": f"{CANARY}@example.org", "password": CANARY})
    visitor.post("/account/password/reset/", {"email": f"{CANARY}@example.org"})
    visitor.get(
        "/", **{"User-Agent": CANARY, "Referer": f"http://{CANARY}.example/", "Accept-Language": CANARY}
    )
    visitor.ask("GET", f"/?{CANARY}", headers={"Host": f"{CANARY}.example"})
    visitor.ask(f"X{CANARY.upper()}", "/")
    visitor.cookies["troth-session"] = CANARY
    visitor.get("/desk/")
    signed = desk.signed_in("auditor")
    signed.get(f"/desk/{CANARY}/")
    said = desk.said()
    assert "account_login" in said
    assert CANARY not in said.casefold()
    assert "example.org" not in said


def test_staff_are_numbers_in_the_log(desk: Served) -> None:
    """Neither names nor addresses of staff stand in the log."""
    desk.signed_in("agent").get("/account/sessions/")
    said = desk.said()
    for person in desk.project.staff.values():
        assert person.name not in said
        assert person.email not in said

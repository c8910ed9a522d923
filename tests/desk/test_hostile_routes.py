"""Every address, read off the table of addresses, gets what nobody should send: a new one cannot be forgotten.

No answer is an error of ours, tells of our insides, carries what was sent as mark-up, or lacks its headers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from desk import public_visits as visits
from desk import serving
from desk.api_calls import make_keys
from desk.serving import Answer, Project, Served, Visitor

WALK = """
import json
from django import forms
from django.urls import URLPattern, get_resolver
def walk(patterns, before=()):
    for one in patterns:
        if isinstance(one, URLPattern):
            yield [str(part) for part in (*before, one.pattern)]
        else:
            yield from walk(one.url_patterns, (*before, one.pattern))
def every(kind):
    return [kind, *(found for one in kind.__subclasses__() for found in every(one))]
routes = list(walk(get_resolver().url_patterns))
from troth.desk.console import case_acts
fields = sorted({name for kind in every(forms.BaseForm) for name in getattr(kind, "base_fields", {})})
print(json.dumps({"routes": routes, "fields": fields, "steps": list(case_acts.ACTS)}))
"""
HELD = re.compile(r"<(?:(\w+):)?\w+>|\(\?P<\w+>[^()]*\)")
VALUES = {
    "int": ("1", "99999999999999999999999"),
    "slug": ("access", "A" * 43, "-"),
    "path": ("x", "..%2f..%2fetc%2fpasswd", "1%27--"),
    "str": (
        "x",
        "%3Cscript%3Ealert(1)",
        "%0d%0aSet-Cookie:%20a=b",
        "%F0%9F%92%A9" * 60,
        "..%2f..%2fetc%2fpasswd",
    ),
}
NASTY = (
    "=cmd|'/c calc'!A1",
    '"><script>alert(1)</script>',
    "a\x00b",
    "{{ 7*7 }}",
    "99999999999999999999999",
    "\u202e",
)
TEXT = "=cmd|'/c calc'!A1 <script>alert(1)</script> {{ 7*7 }} javascript:alert(1)\n"
MAIL = f"""\
From: "{TEXT.strip().replace('"', "")}" <evil@example.org>
Subject: {TEXT.strip()}
Content-Type: multipart/mixed; boundary=x

--x

{TEXT}
--x
Content-Disposition: attachment; filename="../../a\r\nSet-Cookie: a=b.html"

x
--x--
"""
BODIES = (
    ("application/x-www-form-urlencoded", b"email=%ff%fe&page=%00&csrfmiddlewaretoken=%ff"),
    ("application/x-www-form-urlencoded; charset=utf-99", b"email=a"),
    (
        "multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="a"; filename="../\r\n',
    ),
    ("application/json", b"[" * 50_000),
    ("application/json", b'{"kinds": ["access\\ud800"], "kinds": {"$ne": 1e999}}'),
)
OTHERS = ("HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE")
LOOSE = ("/desk/tables/", "/static/")
"""Where the frame of raw tables needs a looser policy."""
ENDS = ("/account/logout/",)
"""What ends a session that the others still need."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """What there is: the parts of each address, and the name of every field of a form."""

    routes: tuple[tuple[str, ...], ...]
    fields: tuple[str, ...]
    steps: tuple[str, ...]
    """Of a case."""

    def paths(self, room: str, *, most: int = 9) -> Iterator[str]:
        """Yield the addresses of a room, with hostile values in the places of what they hold."""
        for parts in self.routes:
            written = "/" + "".join(part.lstrip("^").rstrip("$") for part in parts)
            written = written.replace(".*", "x").replace("\\", "")
            if written.startswith(room):
                yield from _filled(written, most)


def _filled(written: str, most: int) -> Iterator[str]:
    kinds = [found[1] or "str" for found in HELD.finditer(written)]
    for at in range(min(most, max((len(VALUES[kind]) for kind in kinds), default=1))):
        yield HELD.sub(lambda found, at=at: _value(found[1] or "str", at), written)  # type: ignore[misc]


def _value(kind: str, at: int) -> str:
    return VALUES[kind][at % len(VALUES[kind])]


@pytest.fixture(scope="module")
def table(project: Project) -> Table:
    """Read the table of addresses."""
    found = json.loads(project.run(WALK))
    routes = tuple(tuple(parts) for parts in found["routes"] if _first_table("".join(parts)))
    assert len(routes) > 120
    assert {"email", "password", "because", "ticket"} <= set(found["fields"])
    return Table(routes=routes, fields=tuple(found["fields"]), steps=tuple(found["steps"]))


def _first_table(written: str) -> bool:
    """Leave raw tables out that are made as the first one is."""
    return not re.match(r"desk/tables/(?!auth/)\w+/\w+/", written)


@pytest.fixture(scope="module")
def keys(project: Project) -> dict[str, str]:
    """Give other systems keys."""
    return make_keys(project)


@pytest.fixture(scope="module")
def desk(project: Project) -> Iterator[Served]:
    """Serve behind a proxy, so that each visitor has an address; with one of each thing."""
    said = project.folder / "said.txt"
    said.write_text(TEXT, encoding="utf-8")
    who = ("--identity", "email:evil@example.org", "--name", TEXT.strip(), "--reply-to", "evil@example.org")
    where = ("--channel", "mail", "--residence", "IE", "--by", "Sam")
    project.troth("request", "open", "access", *who, "--text", str(said), *where)
    new = project.folder / "box" / "new"
    new.mkdir(parents=True)
    (new / "1").write_text(MAIL, encoding="utf-8")
    project.troth("mailbox", "check", "--from", f"maildir:{new.parent}", "--by", "Sam")
    project.troth("webhook", "add", "x", "https://example.org/")
    with serving.serving(project, TROTH_PROXY="yes", TROTH_API_RATE="100000") as served:
        yield served


def calm(answer: Answer, what: str) -> None:
    """Assert that an answer is one of ours, with its headers and without our insides."""
    assert answer.status < 500, (what, answer.status, answer.body[:400])
    text = answer.body.decode("utf-8", "replace")
    if answer.headers.get("content-disposition", "").startswith("attachment; filename="):
        assert not answer.headers["content-type"].startswith("text/html"), what
        text = ""  # a message as it came, say, which no browser shows
    for word in ("Traceback", "site-packages", "OperationalError", "root:x:", "<script>alert", "49{"):
        assert word not in text, (what, word)
    assert "a=b" not in answer.headers.get("set-cookie", ""), what
    policy = answer.headers.get("content-security-policy", "")
    if not what.partition(" ")[2].startswith(LOOSE):
        assert "default-src 'none'" in policy, what
        assert "unsafe" not in policy, what
    assert answer.headers["x-content-type-options"] == "nosniff", what
    assert "no-" in answer.headers["cache-control"], what


def fields_of(table: Table, at: int) -> dict[str, object]:
    """Return a form with something nasty in every field there is anywhere."""
    return {name: NASTY[(at + place) % len(NASTY)] for place, name in enumerate(table.fields)}


def asked(visitor: Visitor, method: str, path: str, **more: object) -> Answer:
    """Send a request, with a query nobody should send."""
    query = "?page=-1&id=%27&next=//evil.example&lang=xx&s=%3Cscript%3Ealert(1)"
    return visitor.ask(method, path + query, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("room", ["/account/", "/desk/", "/api/", "/"])
def test_strangers_get_a_page_everywhere(desk: Served, table: Table, room: str) -> None:
    """Whoever is not signed in reads pages, is sent to sign in, or is refused."""
    visitor = visits.somebody(desk)
    for at, path in enumerate(table.paths(room, most=1)):
        if room == "/" and path.startswith(("/account/", "/desk/", "/api/")):
            continue
        if at % 8 == 0:
            visitor = visits.somebody(desk)
        calm(asked(visitor, "GET", path), f"GET {path}")
        kind, body = BODIES[at % len(BODIES)]
        calm(asked(visitor, "POST", path, body=body, headers={"Content-Type": kind}), f"POST {path}")
        method = OTHERS[at % len(OTHERS)]
        calm(asked(visitor, method, path), f"{method} {path}")
        answer = visitor.post(path, fields_of(table, at), follow=False)
        calm(answer, f"POST {path}")
        assert "evil.example" not in answer.headers.get("location", "")


def test_every_step_of_a_case_takes_anything(desk: Served, table: Table) -> None:
    """Whatever stands in the forms of a case, and in what its person wrote, is shown as text or refused."""
    visitor = desk.signed_in("lead")
    case = "/desk/requests/1/"
    assert visitor.post(f"{case}read/", {"because": NASTY[0]}).status == 200
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in visitor.get(case).text
    for at, step in enumerate(table.steps):
        calm(visitor.post(f"{case}do/{step}/", {**fields_of(table, at), "seen": 1}), f"POST {case}do/{step}/")
        if at % 5 == 0:
            calm(visitor.get(case), f"GET {case}")


@pytest.mark.parametrize("role", ["lead", "engineer"])
def test_staff_get_a_page_everywhere(desk: Served, table: Table, role: str) -> None:
    """Whoever is signed in, and may do the most, breaks nothing either."""
    visitor = desk.signed_in(role)
    half = ["lead", "engineer"].index(role)
    for at, path in enumerate([*table.paths("/desk/", most=2), *table.paths("/account/", most=1)]):
        if at % 2 != half or path in ENDS:
            continue
        calm(asked(visitor, "GET", path), f"GET {path}")
        kind, body = BODIES[at % len(BODIES)]
        given = {"Content-Type": kind, "X-CSRFToken": visitor.cookies[serving.FORM]}
        calm(visitor.ask("POST", path, body=body, headers=given), f"POST {path}")
        answer = visitor.post(path, fields_of(table, at), follow=False)
        calm(answer, f"POST {path}")
        assert "evil.example" not in answer.headers.get("location", "")


def test_systems_get_an_answer_everywhere(desk: Served, table: Table, keys: dict[str, str]) -> None:
    """Whoever has a key that may do nearly everything gets problems, and no error of ours."""
    visitor = visits.somebody(desk)
    visitor.headers["Authorization"] = f"Bearer {keys['all']}"
    for at, path in enumerate(table.paths("/api/v1/", most=3)):
        calm(asked(visitor, "GET", path), f"GET {path}")
        for kind, body in BODIES[3:]:
            given = {"Content-Type": kind, "Idempotency-Key": f"k{at}"}
            calm(visitor.ask("POST", path, body=body, headers=given), f"POST {path}")

"""People at the privacy centre: each with an address of their own, forms that were open long enough, their mail."""

from __future__ import annotations

import itertools
import re
import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes

from db.mailing import Handler, mail_server
from desk.serving import PATIENCE, Answer, Project, Served, Visitor
from troth.app import clock as clocks
from troth.app import post as sending

_addresses = itertools.count(1)
_TICKET = re.compile(r'name="ticket" value="([^"]+)"')
LINK = re.compile(r"/r/[\w-]{43}/")


def somebody(served: Served) -> Visitor:
    """Return a visitor with an address of their own, as a proxy would tell it."""
    at = next(_addresses)
    return Visitor(address=served.address, headers={"X-Forwarded-For": f"198.51.{at // 250}.{at % 250 + 1}"})


@dataclass(slots=True)
class Forms:
    """Marks of forms that were opened a while ago: nobody has to wait for them."""

    served: Served
    marks: list[str] = field(default_factory=list)

    def open(self, count: int = 40) -> None:
        """Open forms, to be sent later."""
        visitor = somebody(self.served)
        for _ in range(count):
            self.marks.append(ticket(visitor.get("/requests/follow/")))
        last = self.marks.pop()
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            visitor.headers = somebody(self.served).headers
            sent = visitor.post("/requests/follow/", {"ticket": last, "email": "nobody"}, follow=False)
            if "very quick" not in sent.words:
                return
            time.sleep(0.1)
        raise AssertionError("forms never become old enough")

    def mark(self) -> str:
        """Take one."""
        return self.marks.pop(0)

    def file(self, visitor: Visitor, kind: str, email: str, *, place: str = "IE", **more: object) -> Answer:
        """Send the form of a right."""
        visitor.get(f"/requests/new/{kind}/")
        form = {"ticket": self.mark(), "website": "", "place": place, "for": "self", "email": email, **more}
        return visitor.post(f"/requests/new/{kind}/", form, follow=False)

    def filed(self, visitor: Visitor, kind: str, email: str, **more: object) -> str:
        """Send the form of a right, and return the address of its private page."""
        came = self.file(visitor, kind, email, **more)
        assert came.status == 302, (came.status, came.words)
        return came.headers["location"].partition("?")[0]


def ticket(page: Answer) -> str:
    """Return the mark of a form."""
    found = _TICKET.search(page.text)
    assert found, page.words
    return found[1]


def number(page: Answer) -> str:
    """Return the number of the request a page is about."""
    found = re.search(r"case:(\d+)", page.words)
    assert found, page.words
    return found[1]


def customer(project: Project, at: int = 0) -> str:
    """Return the verified address of somebody the store knows."""
    asked = "SELECT email FROM accounts WHERE email_verified = 1 AND closed_at IS NULL ORDER BY id LIMIT 1 OFFSET ?"
    with sqlite3.connect(project.folder / "app.sqlite") as store:
        return str(store.execute(asked, (at,)).fetchone()[0])


@dataclass(slots=True)
class Post:
    """A mail server, and the letters that came to it."""

    project: Project
    server: str
    handler: Handler

    def collect(self) -> list[tuple[str, str]]:
        """Have the letters that wait sent; return all that came so far: to whom, and what they say."""
        environment = {**self.project.environment, "TROTH_SMTP": self.server}
        # Django keeps out of a thread in which a browser's event loop runs.
        with ThreadPoolExecutor(1) as other:
            other.submit(sending.send, self.project.folder, environment, clocks.of({})).result()
        return [(one.rcpt_tos[0], _text(one.content)) for one in self.handler.mails]

    def wait(self, to: str, pattern: str, *, count: int = 1) -> list[str]:
        """Poll until so many letters to an address have something; return what they have, oldest first."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            found = [
                one[1]
                for who, text in self.collect()
                if who == to and (one := re.search(pattern, text, re.M))
            ]
            if len(found) >= count:
                return found
            time.sleep(0.1)
        raise AssertionError(
            f"{count} letters with {pattern} were expected for {to}; {len(self.handler.mails)} came"
        )

    def code(self, to: str, *, count: int = 1) -> str:
        """Wait for so many codes to an address, and return the newest."""
        return self.wait(to, r"^ +(\d{4} \d{4})$", count=count)[-1]


@contextmanager
def post(project: Project) -> Iterator[Post]:
    """Run a mail server."""
    handler = Handler()
    with mail_server(handler) as server:
        yield Post(project, server, handler)


def answered(project: Project, case: str, *, by: str = "Sam") -> None:
    """Do what somebody of ours does about an access: work it out, decide, carry out, answer."""
    said = project.folder / "said.txt"
    said.write_text("Nobody, and no machine.\n", encoding="utf-8")
    project.troth("request", "plan", case, "--by", by)
    project.troth("request", "redacted", case, "--by", by)
    project.troth("request", "decide", case, "--grant", "--by", by)
    project.troth("request", "carry-out", case, "--by", by)
    parts = ("--part", f"automated={said}", "--part", f"recipients={said}")
    told = ("--delivery", "You download it from your private page.")
    project.troth("request", "answer", case, *told, *parts, "--by", by)


def _text(content: bytes) -> str:
    message = message_from_bytes(content)
    parts = message.walk() if message.is_multipart() else [message]
    plain = next(part for part in parts if part.get_content_type() == "text/plain")
    payload = plain.get_payload(decode=True)
    return payload.decode().replace("\r\n", "\n") if isinstance(payload, bytes) else ""


def erased(project: Project, case: str, *, by: str = "Sam") -> None:
    """Do what somebody of ours does about an erasure of which something stays by law."""
    project.troth("request", "plan", case, "--by", by)
    project.troth("request", "decide", case, "--grant", "--by", by, expect=(2,))
    project.troth("request", "decide", case, "--partial", "--by", by)
    project.troth("request", "carry-out", case, "--by", by)
    project.troth("request", "answer", case, "--by", by)

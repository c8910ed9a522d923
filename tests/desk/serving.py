"""A real server over a real project, and visitors to it: by plain HTTP, or by a browser.

`Project` is a folder made once and copied; `Served` is `troth serve` on a free port of this machine; `Visitor` keeps
cookies and sends forms as a browser would.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import json
import os
import re
import resource
import shutil
import signal
import sqlite3
import struct
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from html import unescape
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from e2e import inside

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "janusipm"
FILES = ("troth.yaml", "policy.yaml", "datamap.yaml", "accepted.yaml", "policy.lock")
ACCOUNTS = 1_000
PATIENCE = 180.0
REDIRECTS = (301, 302, 303, 307, 308)
BESIDE_A_BROWSER = {"DJANGO_ALLOW_ASYNC_UNSAFE": "yes"}
"""Lets a command use a ledger in the thread where the event loop of a browser runs."""
SESSION, FORM = "troth-session", "troth-form"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """An account of staff."""

    name: str
    email: str
    password: str
    secret: str
    staff: int

    def code(self, step: int = 0) -> str:
        """Return the code an authenticator app shows now, or some steps of 30 seconds later (RFC 6238)."""
        counter = struct.pack(">Q", int(time.time()) // 30 + step)
        digest = hmac.new(base64.b32decode(self.secret), counter, hashlib.sha1).digest()
        offset = digest[-1] & 15
        number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
        return f"{number % 1_000_000:06}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A folder with project, store, ledger and staff."""

    folder: Path
    staff: Mapping[str, Person]

    @property
    def environment(self) -> dict[str, str]:
        """The variables every process of it gets."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("TROTH_")}
        return {**inherited, "APP_DB": f"sqlite:///{self.folder / 'app.sqlite'}"}

    def paying(self, number: int) -> int:
        """Return the key of one of the people who pay this year, of whose erasure something is kept for the tax."""
        asked = (
            "SELECT DISTINCT account_id FROM payments WHERE paid_at > strftime('%Y-%m-%d', 'now', '-1 year') "
            "AND account_id > 100 ORDER BY account_id LIMIT 1 OFFSET ?"
        )
        with closing(sqlite3.connect(self.folder / "app.sqlite")) as connection:
            return int(connection.execute(asked, (number,)).fetchone()[0])

    def troth(self, *arguments: str, expect: tuple[int, ...] = (0,), **more: str) -> str:
        """Run a command of Troth in the folder; return what it printed.

        Those of staff set up the desk, which this process has not; a browser beside the others is no matter.
        """
        environment = {**self.environment, **more}
        if arguments[0] == "staff":
            done = subprocess.run(
                [sys.executable, "-m", "troth", *arguments],
                cwd=self.folder,
                env=environment,
                text=True,
                capture_output=True,
                check=False,
            )
        else:
            done = inside.give(arguments, self.folder, {**environment, **BESIDE_A_BROWSER})
        assert done.returncode in expect, (
            f"troth {arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        )
        return done.stdout

    def run(self, script: str, *arguments: str) -> str:
        """Run a script of Python in a process of its own, with the desk set up; it finds `folder`."""
        head = "import os, sys\nfrom pathlib import Path\nfrom troth.desk import setup\n"
        head += "folder = Path(sys.argv[1])\nsetup.configure(folder, os.environ)\n"
        command = [sys.executable, "-c", head + script, str(self.folder), *arguments]
        done = subprocess.run(command, env=self.environment, text=True, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def copy(self, folder: Path) -> Project:
        """Return another folder with the same content."""
        shutil.copytree(self.folder, folder)
        return Project(folder=folder, staff=self.staff)


def make_project(folder: Path) -> Project:
    """Make the JanusIPM example with a small store, and one account of each role."""
    folder.mkdir(parents=True)
    for name in FILES:
        shutil.copy(EXAMPLE / name, folder / name)
    maker = [sys.executable, str(EXAMPLE / "generate.py"), "--out", str(folder / "app.sqlite")]
    maker += ["--accounts", str(ACCOUNTS), "--at", time.strftime("%Y-%m-%d", time.gmtime())]
    subprocess.run(maker, check=True, stdout=subprocess.DEVNULL)
    bare = Project(folder=folder, staff={})
    people = [sys.executable, str(Path(__file__).with_name("people.py")), str(folder)]
    done = subprocess.run(people, env=bare.environment, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    return Project(
        folder=folder, staff={role: Person(**one) for role, one in json.loads(done.stdout).items()}
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    """By name in lower case; the last of each."""
    body: bytes
    path: str
    """Where it came from, after following."""

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8")

    @property
    def words(self) -> str:
        """What a reader sees: the body without tags, blanks run together."""
        bare = re.sub(r"(?s)<(script|style)\b.*?</\1>|<[^>]*>", " ", self.text)
        return " ".join(unescape(bare).split())

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


@dataclass(slots=True, kw_only=True)
class Visitor:
    """Somebody with cookies."""

    address: str
    cookies: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, *, follow: bool = True, **headers: str) -> Answer:
        """Fetch a page."""
        return self.ask("GET", path, follow=follow, headers=headers)

    def post(
        self,
        path: str,
        data: Mapping[str, object] | None = None,
        *,
        files: Mapping[str, tuple[str, bytes]] | None = None,
        follow: bool = True,
        csrf: bool = True,
    ) -> Answer:
        """Send a form, with the token that goes with our cookie (any page with a form gives both)."""
        fields = [(n, str(v)) for n, value in (data or {}).items() for v in _many(value)]
        if csrf:
            fields.append(("csrfmiddlewaretoken", self._token()))
        kind, body = _multipart(fields, files) if files else _encoded(fields)
        return self.ask("POST", path, body=body, follow=follow, headers={"Content-Type": kind})

    def ask(
        self,
        method: str,
        path: str,
        *,
        body: bytes | None = None,
        follow: bool = False,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send one request as it is given."""
        at = urlsplit(self.address)
        line = http.client.HTTPConnection(at.hostname or "", at.port or 80, timeout=PATIENCE)
        given = {**self.headers, **(headers or {})}
        if self.cookies:
            given["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if method == "POST":
            given.setdefault("Origin", self.address)
        try:
            line.request(method, path, body=body, headers=given)
            came = line.getresponse()
            content = came.read()
        finally:
            line.close()
        self._keep(came.headers.get_all("Set-Cookie") or [])
        named = {name.lower(): value for name, value in came.getheaders()}
        if follow and came.status in REDIRECTS and named.get("location"):
            further = urlsplit(urljoin(self.address + path, named["location"]))
            return self.get(further.path + (f"?{further.query}" if further.query else ""))
        return Answer(status=came.status, headers=named, body=content, path=path)

    def _keep(self, said: list[str]) -> None:
        for one in said:
            for name, morsel in SimpleCookie(one).items():
                if morsel["max-age"] == "0" or not morsel.value:
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = morsel.value

    def _token(self) -> str:
        if FORM not in self.cookies:
            self.get("/account/login/", follow=True)
        return self.cookies.get(FORM, "")


@dataclass(slots=True, kw_only=True)
class Served:
    """A server at work."""

    project: Project
    address: str
    process: subprocess.Popen[str]
    log: Path
    _sessions: dict[str, dict[str, str]] = field(default_factory=dict)
    _used: set[tuple[str, str]] = field(default_factory=set)

    def visitor(self) -> Visitor:
        """Return somebody who is not signed in."""
        return Visitor(address=self.address)

    def signed_in(self, role: str) -> Visitor:
        """Return one of the staff, signed in; all tests of a server share the session, so do not sign it out."""
        if role not in self._sessions:
            visitor = self.visitor()
            self.sign_in(visitor, role)
            self._sessions[role] = visitor.cookies
        return Visitor(address=self.address, cookies=dict(self._sessions[role]))

    def sign_in(self, visitor: Visitor, role: str) -> Answer:
        """Sign in by password and a code that was not used before."""
        person = self.project.staff[role]
        form = {"login": person.email, "password": person.password}
        asked = visitor.post("/account/login/", form)
        assert "/2fa/authenticate" in asked.path, (asked.status, asked.path, asked.words)
        code = self.fresh_code(role)
        done = visitor.post("/account/2fa/authenticate/", {"code": code}, follow=False)
        assert done.status == 302, (done.status, done.words)
        return done

    def fresh_code(self, role: str) -> str:
        """Return a code that is good: this half minute's, or one beside it, for a code opens once."""
        while True:
            for step in (0, 1, -1):
                code = self.project.staff[role].code(step)
                if (role, code) not in self._used:
                    self._used.add((role, code))
                    return code
            time.sleep(0.2)

    def fill_disk(self) -> None:
        """Let the server write no further byte to any file, as on a full disk."""
        master = self.process.pid
        children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
        for pid in (master, *map(int, children)):
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, 0))

    def said(self) -> str:
        """Return what the server wrote: its log."""
        return self.log.read_text(encoding="utf-8", errors="replace")


@contextmanager
def serving(project: Project, **environment: str) -> Iterator[Served]:
    """Serve a project until the block ends."""
    log = project.folder / "served.log"
    command = [sys.executable, "-m", "troth", "serve", "--web-only", "--port", "0", "--processes", "1"]
    with log.open("w") as errors:
        process = subprocess.Popen(
            command,
            cwd=project.folder,
            env={**project.environment, "TROTH_HOSTS": "localhost", **environment},
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
        try:
            address = _listening(process, log)
            served = Served(project=project, address=address, process=process, log=log)
            _wait(served)
            yield served
        finally:
            end(process)


def end(process: subprocess.Popen[str]) -> None:
    """Kill a server with its children, at once: a clean stop takes seconds, and test_worker_serve shows that."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    found = children.read_text().split() if children.exists() else []
    for one in (process.pid, *map(int, found)):
        with suppress(ProcessLookupError):
            os.kill(one, signal.SIGKILL)
    process.wait()


def _listening(process: subprocess.Popen[str], log: Path) -> str:
    assert process.stdout is not None
    for line in process.stdout:
        if found := re.search(r"http://[\w.\[\]:]+:(\d+)", line):
            return f"http://localhost:{found[1]}"
    raise AssertionError(f"the server ended: {log.read_text()[-4000:]}")


def _wait(served: Served) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            if served.visitor().get("/health/ready").status == 200:
                return
        except OSError:
            assert served.process.poll() is None, served.said()[-4000:]
        time.sleep(0.05)
    raise AssertionError(f"the server is not ready: {served.said()[-4000:]}")


def _many(value: object) -> list[object]:
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _encoded(fields: list[tuple[str, str]]) -> tuple[str, bytes]:
    return "application/x-www-form-urlencoded", urlencode(fields, errors="surrogateescape").encode()


def _multipart(fields: list[tuple[str, str]], files: Mapping[str, tuple[str, bytes]]) -> tuple[str, bytes]:
    line = "troth-tests-boundary"
    parts = [
        f'--{line}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields
    ]
    for name, (filename, content) in files.items():
        head = f'--{line}\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"\r\n'
        parts.append(head.encode() + b"Content-Type: application/octet-stream\r\n\r\n" + content + b"\r\n")
    return f"multipart/form-data; boundary={line}", b"".join(parts) + f"--{line}--\r\n".encode()

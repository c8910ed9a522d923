"""Call the interface of a desk from another program; needs nothing but this file and the standard library.

    client = Client(base="https://privacy.example.org", key=os.environ["TROTH_KEY"])
    opened = client.open_request(["access"], ["email:ada@example.org"], reply_to="ada@example.org")

Calls that do something carry an idempotency key and are tried again under it when the line breaks, so that they
take effect once. `Receiver` checks what webhooks bring. Errors are `ClientError`, with the problem the desk told of.
"""

from __future__ import annotations

import base64
import hmac
import http.client
import ipaddress
import json
import ssl
import time
import types
import typing
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar, cast
from urllib.parse import quote, urlencode, urlsplit

TIMEOUT, TRIES, LONGEST_WAIT = 60.0, 5, 30.0
TOLERANCE = 300.0
"""Seconds a webhook may be older or younger than our clock (Standard Webhooks)."""
REMEMBERED = 3 * 86_400.0  # seconds for which the desk tells of an event again
AGAIN = (429, 502, 503, 504)
"""Answers after which the same call may help."""
AT_WORK = "#at-work"
SECRET_FORM = "whsec_"  # noqa: S105 how a secret begins, no secret
Made = TypeVar("Made")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that is wrong with what was sent."""

    code: str = ""
    message: str = ""
    where: str = ""
    at: str = ""
    """In a body a JSON pointer, elsewhere a name."""
    found: str = ""
    valid: tuple[str, ...] = ()
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What the desk says of a call that did not succeed (RFC 9457)."""

    type: str = "about:blank"
    title: str = ""
    status: int = 0
    detail: str = ""
    errors: tuple[Fault, ...] = ()


class ClientError(Exception):
    """A call did not succeed; `problem` says why, and has status 0 where nobody answered."""

    def __init__(self, problem: Problem) -> None:
        said = " ".join(part for part in (problem.title, problem.detail) if part)
        named = [f"{one.at or one.where}: {one.message}" for one in problem.errors]
        super().__init__("; ".join([f"{problem.status or 'no answer'}: {said}".strip(), *named]))
        self.problem = problem


class WebhookError(Exception):
    """What came in is no webhook of ours, is too old, or came before."""


class CameBefore(WebhookError):
    """The event was taken before: answer 2xx, or it comes again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request of a person, as a list has it; what was just opened says less."""

    id: int
    reference: str
    kind: str
    state: str
    received: datetime
    act_by: datetime
    legal_end: datetime | None
    own_target: bool
    laws: tuple[str, ...]
    law: str | None = None
    outcome: str | None = None
    time_left: str = ""
    days_left: int = 0
    events: int = 0
    together_with: int | None = None
    closed: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """Requests that were opened, one for each right."""

    requests: tuple[Request, ...]
    acknowledged: bool
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockOf:
    """What the clock of one law says."""

    law: str
    legal: str
    safe: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EventOf:
    """Something that happened to a request."""

    number: int
    event: str
    happened: datetime
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed(Request):
    """A request with what became of it."""

    waiting: bool
    clocks: tuple[ClockOf, ...]
    next: tuple[str, ...]
    needs: tuple[str, ...]
    history: tuple[EventOf, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What a request says of a person."""

    identities: tuple[str, ...]
    name: str
    reply_to: str
    text: str
    language: str
    agent: str
    controller: str
    texts: tuple[Mapping[str, Any], ...]
    """Of events: `number`, `event`, `text`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """What a promise came to for a while."""

    status: str
    rows: int
    why: str
    since: datetime
    last: datetime
    entry: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """What the newest check found of a promise."""

    promise: str
    status: str
    rows: int
    why: str
    since: datetime
    checked: datetime
    entry: int | None
    history: tuple[Stretch, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Work that a worker does."""

    id: str
    kind: str
    state: str
    """waiting, running, done, failed or cancelled."""
    made: datetime | None = None
    ended: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A plan that is kept."""

    hash: str
    kind: str
    state: str
    rows: int
    request: int | None
    approvals: int
    made: datetime
    made_by: str
    approved_by: str | None
    started_by: str | None
    job: str | None
    reason: str
    ended: datetime | None
    sentences: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An entry of the evidence log."""

    index: int
    at: datetime
    kind: str
    body: Mapping[str, Any]
    leaf: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A signed checkpoint of the evidence log."""

    note: str
    size: int
    root: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenEntry(Entry):
    """An entry with the proof that it is in what was signed."""

    proof: tuple[str, ...]
    checkpoint: Checkpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class Me:
    """The key that calls."""

    key: str
    prefix: str
    acts_as: str
    scopes: tuple[str, ...]
    expires: datetime | None
    organisation: str
    troth: str
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """The interface of one desk, by one key."""

    base: str
    """Where the desk is: `https://privacy.example.org`; http only on this machine itself."""
    key: str = field(repr=False)
    timeout: float = TIMEOUT
    tries: int = TRIES
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)

    def __post_init__(self) -> None:
        parts = urlsplit(self.base)
        if parts.scheme != "https" and not (parts.scheme == "http" and _own(parts.hostname or "")):
            raise ValueError("A key goes over https only, or to this machine itself.")

    def me(self) -> Me:
        """Say which key this is, and what it may do."""
        return _made(Me, self._get("/me"))

    def open_request(
        self, kinds: Sequence[str], identities: Sequence[str], *, idempotency: str = "", **more: object
    ) -> Opened:
        """Open a request for each right that somebody asks for.

        Args:
            kinds: The rights, as `access`, `erase`.
            identities: Of the person, as `email:ada@example.org`, `customer/12`.
            idempotency: A key of yours for this call, so that you can make it again after a crash.
            more: `received`, `name`, `reply_to`, `text`, `language`, `residence`, `place`, `whom`, `agent`, `child`,
                `channel`.
        """
        body = {"kinds": list(kinds), "identities": list(identities), **more}
        return _made(Opened, self._post("/requests", body, idempotency))

    def requests(self, *, state: str = "", kind: str = "", after: int = 0) -> Iterator[Request]:
        """Yield every request, in the order they were opened; of one state or kind where named."""
        at: int | None = after
        while at is not None:
            page = self._get("/requests", after=at, state=state, kind=kind, limit=200)
            yield from (_made(Request, one) for one in page["requests"])
            at = page["next"]

    def request(self, id: int) -> Followed:
        """Say where a request stands."""
        return _made(Followed, self._get(f"/requests/{id}"))

    def contents(self, id: int, because: str) -> Contents:
        """Read what a request says of the person; that and why goes into the evidence."""
        return _made(
            Contents, self._call("GET", f"/requests/{id}/contents", headers={"Troth-Reason": because})
        )

    def note(self, id: int, text: str, *, idempotency: str = "", **more: object) -> Request:
        """Keep something worth knowing of a request, sealed."""
        return self._event(id, {"event": "note", "text": text, **more}, idempotency)

    def residence(self, id: int, place: str, *, idempotency: str = "", **more: object) -> Request:
        """Say where the person lives."""
        return self._event(id, {"event": "residence.stated", "residence": place, **more}, idempotency)

    def customer(self, id: int, name: str, *, idempotency: str = "", **more: object) -> Request:
        """Say for which controller the data is held."""
        return self._event(id, {"event": "customer.named", "customer": name, **more}, idempotency)

    def instruct(self, id: int, instruction: str, *, idempotency: str = "", **more: object) -> Request:
        """Give the controller's instruction, by a number of theirs."""
        return self._event(id, {"event": "instructed", "instruction": instruction, **more}, idempotency)

    def withdraw(self, id: int, *, idempotency: str = "", **more: object) -> Request:
        """Say that the person no longer wants it."""
        return _made(Request, self._post(f"/requests/{id}/withdraw", more, idempotency))

    def promises(self) -> tuple[Promise, ...]:
        """Return every promise as the newest check found it; nothing before the first check."""
        return tuple(_made(Promise, one) for one in self._get("/promises")["promises"])

    def promise(self, name: str) -> Promise:
        """Return one promise with what it came to before."""
        return _made(Promise, self._get(f"/promises/{quote(name, safe='')}"))

    def check(self, *, idempotency: str = "") -> Job:
        """Have every promise checked, by a worker."""
        return _made(Job, self._post("/checks", {}, idempotency))

    def job(self, id: str) -> Job:
        """Say how far some work is."""
        return _made(Job, self._get(f"/jobs/{quote(id, safe='')}"))

    def plans(self, *, state: str = "") -> Iterator[Plan]:
        """Yield the plans that are kept, the newest first."""
        page: int | None = 1
        while page is not None:
            found = self._get("/plans", page=page, state=state)
            yield from (_made(Plan, one) for one in found["plans"])
            page = found["next"]

    def plan(self, hash: str) -> Plan:
        """Return a plan, in sentences; the beginning of its hash is enough."""
        return _made(Plan, self._get(f"/plans/{quote(hash, safe=':')}"))

    def make_plan(self, *, idempotency: str = "") -> Plan | None:
        """Plan what has outlived its retention rule, and keep the plan; nothing where nothing has to go."""
        found = self._post("/plans", {}, idempotency)["plan"]
        return _made(Plan, found) if found else None

    def approve_plan(self, hash: str, *, idempotency: str = "") -> Plan:
        """Agree to a plan that somebody else made."""
        return self._act(hash, "approve", {}, idempotency)

    def start_plan(self, hash: str, *, idempotency: str = "", **more: object) -> Plan:
        """Hand a plan to the workers."""
        return self._act(hash, "start", more, idempotency)

    def pause_plan(self, hash: str, *, idempotency: str = "") -> Plan:
        """Have a plan stop at the end of the batch at work."""
        return self._act(hash, "pause", {}, idempotency)

    def resume_plan(self, hash: str, *, idempotency: str = "") -> Plan:
        """Let a paused plan go on."""
        return self._act(hash, "resume", {}, idempotency)

    def cancel_plan(self, hash: str, *, idempotency: str = "") -> Plan:
        """Say that a plan is not to be carried out any further."""
        return self._act(hash, "cancel", {}, idempotency)

    def evidence(self, start: int = 0) -> Iterator[Entry]:
        """Yield the entries of the evidence log from a number on."""
        at: int | None = start
        while at is not None:
            page = self._get("/evidence", start=at, limit=1000)
            yield from (_made(Entry, one) for one in page["entries"])
            at = page["next"]

    def entry(self, index: int) -> ProvenEntry:
        """Return an entry with the proof that it is in what was signed."""
        return _made(ProvenEntry, self._get(f"/evidence/{index}"))

    def checkpoint(self) -> Checkpoint:
        """Return a signed checkpoint of all there is; keep it, to see later that nothing was changed."""
        return _made(Checkpoint, self._get("/evidence/checkpoint"))

    def bundle(self, out: Path) -> int:
        """Write the bundle an auditor verifies to a file, whole or not at all; return its bytes."""
        data = self._bytes("GET", "/evidence/bundle")
        part = out.with_name(out.name + ".part")
        part.write_bytes(data)
        part.replace(out)
        return len(data)

    def _event(self, id: int, body: Mapping[str, object], idempotency: str) -> Request:
        return _made(Request, self._post(f"/requests/{id}/events", body, idempotency))

    def _act(self, hash: str, deed: str, body: Mapping[str, object], idempotency: str) -> Plan:
        return _made(Plan, self._post(f"/plans/{quote(hash, safe=':')}/{deed}", body, idempotency))

    def _get(self, path: str, **query: object) -> dict[str, Any]:
        given = {name: value for name, value in query.items() if value not in ("", None)}
        return self._call("GET", f"{path}?{urlencode(given)}" if given else path)

    def _post(self, path: str, body: Mapping[str, object], idempotency: str) -> dict[str, Any]:
        headers = {"Idempotency-Key": idempotency or str(uuid.uuid4())}
        return self._call("POST", path, body=body, headers=headers)

    def _call(
        self,
        method: str,
        path: str,
        *,
        body: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        return cast(dict[str, Any], json.loads(self._bytes(method, path, body=body, headers=headers)))

    def _bytes(
        self,
        method: str,
        path: str,
        *,
        body: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> bytes:
        """Make a call, and make it again while that may help."""
        data = None if body is None else json.dumps(body, default=_written).encode()
        given = {"Authorization": f"Bearer {self.key}", "Accept": "application/json", **(headers or {})}
        if data is not None:
            given["Content-Type"] = "application/json"
        for attempt in range(1, self.tries + 1):
            try:
                status, wait, content = self._ask(method, f"/api/v1{path}", data, given)
            except (OSError, http.client.HTTPException) as error:
                problem = Problem(title="The desk did not answer.", detail=type(error).__name__)
                status, wait = 0, None
            else:
                if 200 <= status < 300:
                    return content
                problem = _problem(status, content)
            helps = status in (0, *AGAIN) or problem.type.endswith(AT_WORK)
            if attempt == self.tries or not helps:
                break
            self.sleep(min(LONGEST_WAIT, wait if wait is not None else 0.25 * 2**attempt))
        raise ClientError(problem)

    def _ask(
        self, method: str, path: str, data: bytes | None, headers: Mapping[str, str]
    ) -> tuple[int, float | None, bytes]:
        parts = urlsplit(self.base)
        host, port = parts.hostname or "", parts.port
        line: http.client.HTTPConnection
        if parts.scheme == "https":
            line = http.client.HTTPSConnection(
                host, port, timeout=self.timeout, context=ssl.create_default_context()
            )
        else:
            line = http.client.HTTPConnection(host, port, timeout=self.timeout)
        try:
            line.request(method, parts.path.rstrip("/") + path, data, dict(headers))
            came = line.getresponse()
            after = came.headers.get("Retry-After", "")
            return came.status, float(after) if after.isdecimal() else None, came.read()
        finally:
            line.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What a webhook brought."""

    id: str
    """The same for the same event, however often it comes."""
    type: str
    at: datetime
    data: Mapping[str, Any]


def verify(
    body: bytes,
    headers: Mapping[str, str],
    secret: str,
    *,
    now: float | None = None,
    tolerance: float = TOLERANCE,
) -> Event:
    """Return what a webhook brought, once it is sure that it comes from the desk and is new (Standard Webhooks 1.0).

    Args:
        body: As it came, byte by byte.
        headers: Of the call; names in any case.
        secret: As `troth webhook add` showed it.
        now: Seconds since 1970; by our own clock where nothing is said.
        tolerance: Seconds it may be older or younger than now.

    Raises:
        WebhookError: when it is not signed with the secret, or too old.
    """
    given = {name.lower(): value for name, value in headers.items()}
    id, stamp = given.get("webhook-id", ""), given.get("webhook-timestamp", "")
    signatures = given.get("webhook-signature", "").split()
    if not id or not stamp.isascii() or not stamp.isdecimal() or len(stamp) > 12 or not signatures:
        raise WebhookError("It is not signed.")
    key = base64.b64decode(secret.removeprefix(SECRET_FORM))
    made = hmac.digest(key, b".".join((id.encode(), stamp.encode(), body)), "sha256")
    right = f"v1,{base64.b64encode(made).decode()}".encode()
    # Every signature is compared, so that the time says nothing of which.
    same = [hmac.compare_digest(right, one.encode(errors="replace")) for one in signatures[:10]]
    if not any(same):
        raise WebhookError("Its signature is not that of the secret.")
    if abs((time.time() if now is None else now) - int(stamp)) > tolerance:
        raise WebhookError("It is older, or younger, than it may be: somebody may have kept it.")
    said = json.loads(body)
    return Event(id=id, type=said["type"], at=datetime.fromisoformat(said["timestamp"]), data=said["data"])


@dataclass(slots=True, kw_only=True)
class Receiver:
    """Take webhooks in, each event once; for one process. Many processes keep the ids they saw in a database."""

    secret: str = field(repr=False)
    tolerance: float = TOLERANCE
    clock: Callable[[], float] = field(default=time.time, repr=False)
    _seen: dict[str, float] = field(default_factory=dict, repr=False)

    def take(self, body: bytes, headers: Mapping[str, str]) -> Event:
        """Return what a webhook brought; keep it before you answer, for it does not come again.

        Raises:
            CameBefore: when it was taken before.
            WebhookError: when it is not from the desk, or too old.
        """
        now = self.clock()
        event = verify(body, headers, self.secret, now=now, tolerance=self.tolerance)
        self._seen = {id: at for id, at in self._seen.items() if now - at <= REMEMBERED + 2 * self.tolerance}
        if event.id in self._seen:
            raise CameBefore("It came before.")
        self._seen[event.id] = now
        return event


def _problem(status: int, content: bytes) -> Problem:
    """Read a problem; an answer that is none, as from a proxy, has its status only."""
    try:
        said = json.loads(content)
    except ValueError:
        said = None
    if not isinstance(said, dict):
        return Problem(status=status, title="The answer is no problem details.")
    errors = [{**one, "where": one.get("in", "")} for one in said.get("errors", ()) if isinstance(one, dict)]
    return _made(Problem, {**said, "status": status, "errors": errors})


def _own(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _written(value: object) -> str:
    """Write an instant with its zone."""
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).isoformat()
    raise TypeError(f"{type(value).__name__} cannot be sent")


def _made(kind: type[Made], data: Mapping[str, Any]) -> Made:
    """Make a value of what came; keys that are not known here are left out, for later versions may add some."""
    hints = typing.get_type_hints(kind)
    names = [one.name for one in fields(kind) if one.name in data]  # type: ignore[arg-type] # dataclasses only
    return kind(**{name: _value(hints[name], data[name]) for name in names})


def _value(hint: Any, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(hint, types.UnionType):
        [hint] = [one for one in typing.get_args(hint) if one is not types.NoneType]
    if hint is datetime:
        return datetime.fromisoformat(value)
    if typing.get_origin(hint) is tuple:
        return tuple(_value(typing.get_args(hint)[0], one) for one in value)
    return _made(hint, value) if is_dataclass(hint) and isinstance(hint, type) else value

"""The certificate of an erasure: what went, what stays and why, what is left, and what nobody looked at.

Pure. Format `troth.certificate/1`, written up in docs/reference/certificate.md. It says *clean* only of what was
looked at, at the instant it names. It names datasets, columns, rules and counts, never a person and never a value:
who it is about stands in the sealed manifest of the plan it names.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from troth.plan import frozen
from troth.rights import describe
from troth.rights.model import Spared, SpareReason, Task, Unlooked

FORMAT = "troth.certificate/1"
Outcome = Literal["not-found", "done", "kept", "partial", "still-arriving", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """What was erased of one dataset."""

    dataset: str
    fields: tuple[str, ...]
    """Columns that were changed; empty where whole rows went."""
    how: Literal["deleted", "erased", "detach", "scrub"]
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """Something that is still there, by place."""

    dataset: str
    column: str
    kind: str
    """Kind of identity: email, phone, ip, id, name."""
    how: str
    """exact, normalised, hashed, name, file-name or object-name; `row` for rows that a step should have done."""
    rows: int
    declared: bool
    """The data map knows the place."""
    shared: bool = False
    """In rows that do not lead to the people: others may have the same value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stays:
    """Something that was found on looking again and stays by the plan, by place."""

    dataset: str
    column: str
    kind: str
    how: str
    rows: int
    reason: SpareReason
    detail: str
    """As under `kept`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What was looked at."""

    dataset: str
    rows: int
    bytes: int
    columns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AtStore:
    """What came of one store."""

    store: str
    state: Literal["done", "already-applied", "failed", "refused", "looked-at", "not-looked-at"]
    looked: str
    """Instant of the last look, ISO 8601; empty where nobody looked."""
    readable: tuple[str, ...] = ()
    """What the engine may still keep, as codes."""
    notes: tuple[str, ...] = ()
    """The same, and why it failed, in sentences."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """What is known about an erasure at one instant."""

    organisation: str
    plan: str
    """Hash of the plan."""
    people: int
    at: str
    """Earliest instant at which a store was looked at for the last time."""
    outcome: Outcome
    gone: tuple[Gone, ...]
    kept: tuple[Spared, ...]
    tasks: tuple[Task, ...]
    left: tuple[Left, ...]
    stays: tuple[Stays, ...]
    """What was found of the people in rows and columns that stay for their reasons."""
    arriving: tuple[str, ...]
    """Datasets into which rows about the people went on arriving."""
    mended: tuple[Gone, ...]
    """Rows that came during the run, or that it had missed, and that the recheck erased."""
    looked: tuple[Looked, ...]
    unlooked: tuple[Unlooked, ...]
    stores: tuple[AtStore, ...]
    passes: int
    last_copy: str = ""
    """When the last backup copy is gone, in words; empty where nobody asked."""
    format: Literal["troth.certificate/1"] = "troth.certificate/1"

    @property
    def clean(self) -> bool:
        """Tell whether nothing was found of the people in what was looked at, but for what others may share."""
        nothing = not any(not one.shared for one in self.left)
        return bool(self.looked) and nothing and not self.arriving

    @property
    def settled(self) -> bool:
        """Tell whether every store did all it can, and only tasks for people may be open."""
        return self.outcome in ("done", "kept") or (
            self.outcome == "partial" and bool(self.tasks) and self._over
        )

    @property
    def _over(self) -> bool:
        states = ("done", "already-applied", "looked-at")
        closed = any(one.what.startswith("store ") for one in self.unlooked)
        return self.clean and not closed and all(one.state in states for one in self.stores)


def dump(made: Certificate) -> str:
    """Write a certificate as JSON text, with a line end."""
    return frozen.dump(made)


def load(text: str) -> Certificate:
    """Read a certificate back.

    Raises:
        codec.Undecodable: when the text is no certificate of this format.
    """
    return frozen.load(Certificate, FORMAT, text, "certificate")


_OUTCOMES: dict[Outcome, str] = {
    "not-found": "No store has a row about anybody who was asked for.",
    "done": "Done: what was found is erased, and nothing has to stay.",
    "kept": "Done, with data kept for the reasons named.",
    "partial": "Partly done: see what is left.",
    "still-arriving": "Not finished: rows about the people go on arriving.",
    "failed": "Failed: nothing is proven.",
}
_KINDS = {"email": "an e-mail address", "phone": "a phone number", "ip": "an IP address", "id": "a key"}
_HOW = {
    "exact": "as written",
    "normalised": "in another spelling",
    "hashed": "as a hash",
    "name": "in full",
    "file-name": "in a file's name",
    "object-name": "in an object's name",
}


def describe_all(made: Certificate) -> Iterator[str]:
    """Yield the certificate as sentences for people, the outcome first."""
    yield _OUTCOMES[made.outcome]
    yield from (_gone(one) for one in made.gone)
    yield from (f"Found on looking again: {_gone(one)}" for one in made.mended)
    yield from (describe.spared(one) for one in made.kept)
    yield from (stays(one) for one in made.stays)
    yield from (left(one) for one in made.left)
    yield from (f"Rows about the people were still arriving in {one}." for one in made.arriving)
    yield from (describe.task(one) for one in made.tasks)
    yield from dict.fromkeys(note for store in made.stores for note in store.notes)
    yield looked(made)
    yield from _unlooked(made)
    if made.last_copy:
        yield f"Backups: {made.last_copy}."


def _unlooked(made: Certificate) -> Iterator[str]:
    """Say what was not looked at; of places that were, what in them was not."""
    seen = {one.dataset for one in made.looked} | {one.store for one in made.stores if one.looked}
    yield from (describe.unlooked(one) for one in made.unlooked if one.what not in seen)
    partly: dict[str, list[str]] = {}
    for one in made.unlooked:
        if one.what in seen:
            partly.setdefault(one.why, []).append(one.what)
    for why, places in partly.items():
        yield f"Not everything in {', '.join(places)} was looked at: {why}."


def looked(made: Certificate) -> str:
    """Say what was looked at, when, and whether it is clean."""
    if not made.looked:
        return "Nothing was looked at, so nothing is proven."
    rows, size = sum(one.rows for one in made.looked), sum(one.bytes for one in made.looked)
    tables = len(made.looked)
    verdict = "is clean" if made.clean else "is not clean"
    return (
        f"What was looked at {verdict}: {tables} dataset{'s' if tables != 1 else ''}, {rows:,} rows, "
        f"{size:,} bytes of text, as of {made.at[:16].replace('T', ' ')} UTC."
    )


def left(one: Left) -> str:
    """Say what is still there, by place."""
    rows = f"{one.rows:,} row{'s' if one.rows != 1 else ''}"
    if one.how == "row":
        return f"Left: {rows} of {one.dataset} that a step should have erased."
    place = ".".join(filter(None, (one.dataset, one.column)))
    what = f"{_KINDS.get(one.kind, f'a {one.kind}')} {_HOW.get(one.how, one.how)}"
    where = "" if one.declared else ", which the data map does not know"
    if one.shared:
        return f"{place} has {what} in {rows} that do not lead to the people: others may have it too."
    return f"Left: {what} in {rows} of {place}{where}."


def residual(one: Left, due: str) -> Task:
    """Ask a person to see to something that no step reaches: they must say whose row it is, and what it may lose."""
    place = ".".join(filter(None, (one.dataset, one.column)))
    what = f"{_KINDS.get(one.kind, f'a {one.kind}')} {_HOW.get(one.how, one.how)}"
    said = (
        f"Look through {place} for {what}, of the people of this plan, take it out, and apply the plan again."
    )
    return Task(store=one.dataset.partition(".")[0], what=said, due=due)


def stays(one: Stays) -> str:
    """Say what was found where it may stay, and why it may."""
    rows = f"{one.rows:,} row{'s' if one.rows != 1 else ''}"
    what = f"{_KINDS.get(one.kind, f'a {one.kind}')} {_HOW.get(one.how, one.how)}"
    return f"As planned, {what} stays in {rows} of {one.dataset}.{one.column} ({one.reason}: {one.detail})."


def _gone(one: Gone) -> str:
    rows = f"{one.rows:,} row{'s' if one.rows != 1 else ''}"
    if one.how == "deleted":
        return f"{rows} of {one.dataset} deleted."
    verb = {"erased": "erased", "detach": "emptied of links", "scrub": "cleared of names and identities"}
    return f"{', '.join(one.fields)} in {rows} of {one.dataset} {verb[one.how]}."

"""The lock of a text: its fingerprints in order, and not one word of it.

`troth read --lock` writes it, `says` in a policy resolves against it, `drift` compares it with a text. One
entry a line, so that a version control system shows what changed. The last line carries a checksum: the file
is written by Troth only.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from troth.policy.text import kinds
from troth.policy.text.model import Text
from troth.problems import BadInput, Problem
from troth.spans import Span

FORMAT = "troth.lock/1"
NO_HEADING = "-"
"""Stands for the path of a sentence before the first heading."""

_LINE = re.compile(r"(?P<depth>[0-9])? ?(?P<what>#|=) (?P<print>fp1:[0-9a-f]{8})(?: (?P<kind>[a-z-]+))?\Z")
_DIGEST = re.compile(r"text (sha256:[0-9a-f]{64})\Z")


@dataclass(frozen=True, slots=True)
class LockedHeading:
    """One heading of a locked text."""

    fingerprint: str
    path: tuple[str, ...]
    """Fingerprints of the headings it stands under."""
    level: int


@dataclass(frozen=True, slots=True)
class LockedSentence:
    """One sentence of a locked text."""

    fingerprint: str
    path: tuple[str, ...]
    """Fingerprints of the headings it stands under, outermost first."""
    kind: str


Entry = LockedHeading | LockedSentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """What is kept of a text: fingerprints in order."""

    text_digest: str
    entries: tuple[Entry, ...]
    """Headings and sentences in the order of the text."""
    format: str = FORMAT

    @property
    def sentences(self) -> tuple[LockedSentence, ...]:
        """The sentences in order."""
        return tuple(entry for entry in self.entries if isinstance(entry, LockedSentence))

    @property
    def headings(self) -> tuple[LockedHeading, ...]:
        """The headings in order."""
        return tuple(entry for entry in self.entries if isinstance(entry, LockedHeading))


def of(text: Text) -> Lock:
    """Make the lock of a text."""
    placed: list[tuple[int, Entry]] = [
        (heading.start, LockedHeading(heading.fingerprint, heading.path, heading.level))
        for heading in text.headings
    ]
    placed += [(s.start, LockedSentence(s.fingerprint, s.path, s.kind_guess)) for s in text.sentences]
    ordered = sorted(placed, key=lambda entry: entry[0])
    return Lock(text_digest=text.digest, entries=tuple(entry for _, entry in ordered))


def dumps(lock: Lock) -> str:
    """Write a lock as text; `loads` gives the same lock back."""
    body = [lock.format, f"text {lock.text_digest}", *map(_line, lock.entries)]
    written = "\n".join(body) + "\n"
    return f"{written}end sha256:{hashlib.sha256(written.encode()).hexdigest()}\n"


def loads(name: str, written: str) -> Lock:
    """Read a lock back.

    Raises:
        BadInput: It is not a lock, is of a later format, or was changed since Troth wrote it.
    """
    lines = written.replace("\r\n", "\n").split("\n")
    if lines[0] != FORMAT:
        raise _damaged(name, 1, f'Expected "{FORMAT}" on the first line.')
    body = "\n".join(lines[:-2]) + "\n"
    if len(lines) < 4 or lines[-1] or lines[-2] != f"end sha256:{hashlib.sha256(body.encode()).hexdigest()}":
        raise _damaged(
            name, max(1, len(lines) - 1), "The checksum on the last line does not fit the lines above."
        )
    digest = _DIGEST.match(lines[1])
    if not digest:
        raise _damaged(name, 2, "Expected the hash of the text.")
    return Lock(text_digest=digest.group(1), entries=_entries(name, lines[2:-2]))


def _line(entry: Entry) -> str:
    if isinstance(entry, LockedHeading):
        return f"{entry.level} # {entry.fingerprint}"
    return f"= {entry.fingerprint} {entry.kind}"


def _entries(name: str, lines: list[str]) -> tuple[Entry, ...]:
    entries: list[Entry] = []
    path: tuple[str, ...] = ()
    for number, line in enumerate(lines, 3):
        found = _LINE.match(line)
        if not found:
            raise _damaged(name, number, "Expected a heading or a sentence.")
        if found["what"] == "#" and found["depth"]:
            level = int(found["depth"])
            if level > len(path) + 1:
                raise _damaged(name, number, "A heading is more than one level below the one above it.")
            outer = path[: max(level - 1, 0)]
            entries.append(LockedHeading(found["print"], outer if level else (), level))
            path = (*outer, found["print"]) if level else ()
        elif found["what"] == "=" and found["kind"] in kinds.KINDS:
            entries.append(LockedSentence(found["print"], path, found["kind"]))
        else:
            raise _damaged(name, number, "Expected a heading with its level or a sentence with its kind.")
    return tuple(entries)


def _damaged(name: str, line: int, message: str) -> BadInput:
    hint = "Write it again with `troth read TEXT --lock`, or take it from version control."
    span = Span(name, line, 1, line, 1)
    return BadInput([Problem(code="lock-damaged", message=message, span=span, hint=hint)])

"""References from rules to sentences: `fp1:7f3a91c2`, or `fp1:7f3a91c2@0c9e77aa` under a heading.

After the `@` stand the last headings of the sentence's path, outermost first, as many as it takes, with `/`
between; a `/` before them says that these are all; `-` means before the first heading. Sentences equal in
words and in heading path say one thing in one place: a reference means all of them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import Enum

from troth.policy.text.fingerprint import PREFIX
from troth.policy.text.lock import NO_HEADING, Entry, Lock, LockedSentence
from troth.problems import Problem
from troth.spans import Span

_SHAPE = re.compile(r"fp1:[0-9a-f]{8}(?:@(?:-|/?[0-9a-f]{8}(?:/[0-9a-f]{8})*))?\Z")
_MOST_SHOWN = 8


class Outcome(Enum):
    """What a reference turned out to mean."""

    FOUND = "found"
    UNKNOWN = "unknown"
    AMBIGUOUS = "ambiguous"
    MALFORMED = "malformed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """What a reference means in one lock."""

    outcome: Outcome
    entries: tuple[Entry, ...] = ()
    """Of a found one the sentences (or the heading) meant; of an ambiguous one all that it could mean."""


def is_reference(value: str) -> bool:
    """Tell whether a value has the shape of a reference."""
    return bool(_SHAPE.match(value))


def resolve(lock: Lock, reference: str) -> Resolution:
    """Find the sentences a reference means; a heading when no sentence has that fingerprint."""
    if not is_reference(reference):
        return Resolution(outcome=Outcome.MALFORMED)
    sought, _, under = reference.partition("@")
    meant = tuple(entry for entry in _with_print(lock, sought) if _lies_under(entry, under))
    if not meant:
        return Resolution(outcome=Outcome.UNKNOWN)
    outcome = Outcome.FOUND if len({entry.path for entry in meant}) == 1 else Outcome.AMBIGUOUS
    return Resolution(outcome=outcome, entries=meant)


def shortest(lock: Lock, entry: Entry) -> str:
    """Return the shortest reference that means an entry and none with another heading path."""
    return _shortest(entry, {rival.path for rival in _with_print(lock, entry.fingerprint)})


def all_shortest(lock: Lock) -> dict[tuple[str, tuple[str, ...]], str]:
    """Return the shortest reference for each fingerprint and heading path of the sentences of a lock."""
    paths: defaultdict[str, dict[tuple[str, ...], LockedSentence]] = defaultdict(dict)
    for sentence in lock.sentences:
        paths[sentence.fingerprint][sentence.path] = sentence
    return {
        (print_, path): _shortest(sentence, by_path.keys())
        for print_, by_path in paths.items()
        for path, sentence in by_path.items()
    }


def problem(lock: Lock, reference: str, span: Span | None) -> Problem | None:
    """Say what is wrong with a reference, if anything."""
    found = resolve(lock, reference)
    match found.outcome:
        case Outcome.FOUND:
            return None
        case Outcome.MALFORMED:
            return Problem(
                code="bad-fingerprint",
                message="This is no fingerprint.",
                span=span,
                found=reference,
                valid=("fp1:7f3a91c2", "fp1:7f3a91c2@0c9e77aa"),
                hint="Copy it from `troth read TEXT`.",
            )
        case Outcome.UNKNOWN:
            return Problem(
                code="unknown-fingerprint",
                message="No sentence of the locked text has this fingerprint.",
                span=span,
                found=reference,
                nearest=_nearest(lock, reference),
                hint="Run `troth read TEXT` and copy the fingerprint of the sentence that is meant.",
            )
        case Outcome.AMBIGUOUS:
            return Problem(
                code="ambiguous-fingerprint",
                message=f"{len(found.entries)} sentences under different headings have this fingerprint.",
                span=span,
                found=reference,
                valid=_distinct(shortest(lock, entry) for entry in found.entries)[:_MOST_SHOWN],
                hint="Add the heading, as one of these.",
            )


def _with_print(lock: Lock, sought: str) -> list[Entry]:
    found = [entry for entry in lock.entries if entry.fingerprint == sought]
    sentences: list[Entry] = [entry for entry in found if isinstance(entry, LockedSentence)]
    return sentences or found


def _shortest(entry: Entry, paths: Collection[tuple[str, ...]]) -> str:
    if len(paths) <= 1:
        return entry.fingerprint
    for count in range(1, len(entry.path) + 1):
        tail = entry.path[-count:]
        if sum(path[-count:] == tail for path in paths) == 1:
            return f"{entry.fingerprint}@{_written(tail)}"
    return (
        f"{entry.fingerprint}@/{_written(entry.path)}" if entry.path else f"{entry.fingerprint}@{NO_HEADING}"
    )


def _written(path: tuple[str, ...]) -> str:
    return "/".join(print_.removeprefix(PREFIX) for print_ in path)


def _lies_under(entry: Entry, under: str) -> bool:
    if not under:
        return True
    if under == NO_HEADING:
        return not entry.path
    tail = tuple(PREFIX + part for part in under.removeprefix("/").split("/"))
    return entry.path == tail if under.startswith("/") else entry.path[-len(tail) :] == tail


def _nearest(lock: Lock, reference: str) -> str:
    """Return a fingerprint that is right but for its heading, or differs in one digit (a slip in typing)."""
    sought = reference.partition("@")[0]
    for entry in lock.entries:
        if sum(a != b for a, b in zip(entry.fingerprint, sought, strict=True)) <= 1:
            return shortest(lock, entry)
    return ""


def _distinct(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))

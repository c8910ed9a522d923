"""Drift: how a text differs from the lock that was taken of it.

Compares fingerprints, so a change of typography is none, and a changed word is a sentence removed and another
added. Says what differs; whether a rule is touched is for those who know the rules.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from troth.policy.text.lock import Lock, LockedHeading, LockedSentence
from troth.policy.text.model import Heading, Sentence, Text
from troth.problems import Problem
from troth.spans import Span

_MOST_SHOWN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """How a text differs from its lock."""

    same: bool
    """Nothing differs, down to the hash of the whole text."""
    added: tuple[Sentence, ...]
    """Sentences of the text that the lock does not have."""
    removed: tuple[LockedSentence, ...]
    """Sentences of the lock that the text does not have."""
    moved: tuple[Sentence, ...]
    """Sentences of both that stand under other headings now, or in another order."""
    headings_added: tuple[Heading, ...]
    headings_removed: tuple[LockedHeading, ...]


def compare(lock: Lock, text: Text) -> Drift:
    """Compare a text with its lock."""
    added, removed, pairs = _match(lock.sentences, text.sentences)
    headings_added, headings_removed, heading_pairs = _match(lock.headings, text.headings)
    del heading_pairs
    in_order = _in_order([old for old, _ in pairs])
    moved = [
        text.sentences[new]
        for (old, new), keeps_order in zip(pairs, in_order, strict=True)
        if not keeps_order or lock.sentences[old].path != text.sentences[new].path
    ]
    return Drift(
        same=lock.text_digest == text.digest
        and not (added or removed or moved or headings_added or headings_removed),
        added=tuple(text.sentences[n] for n in added),
        removed=tuple(lock.sentences[n] for n in removed),
        moved=tuple(moved),
        headings_added=tuple(text.headings[n] for n in headings_added),
        headings_removed=tuple(lock.headings[n] for n in headings_removed),
    )


def findings(drift: Drift, lock_name: str) -> tuple[Problem, ...]:
    """Say each difference as a finding; many of them are summed up in one."""
    if drift.same:
        return ()
    found = [*_found_in_text(drift), *_found_in_lock(drift, Span(lock_name))]
    if not found:
        message = "The text differs from its lock in the depth of a heading or the kind of a block."
        return (_drifted(message, Span(lock_name), ""),)
    if len(found) <= _MOST_SHOWN:
        return tuple(found)
    counts = f"{len(drift.added)} sentences added, {len(drift.removed)} removed, {len(drift.moved)} moved"
    return (_drifted(f"The text is not the one that was locked: {counts}.", Span(lock_name), ""),)


def _found_in_text(drift: Drift) -> Iterable[Problem]:
    for sentence in drift.added:
        yield _drifted("A sentence is not in the lock.", sentence.span, sentence.fingerprint)
    for sentence in drift.moved:
        yield _drifted("A sentence stands elsewhere than in the lock.", sentence.span, sentence.fingerprint)
    for heading in drift.headings_added:
        yield _drifted("A heading is not in the lock.", heading.span, heading.fingerprint)


def _found_in_lock(drift: Drift, span: Span) -> Iterable[Problem]:
    for sentence in drift.removed:
        yield _drifted("A locked sentence is no longer in the text.", span, sentence.fingerprint)
    for heading in drift.headings_removed:
        yield _drifted("A locked heading is no longer in the text.", span, heading.fingerprint)


def _drifted(message: str, span: Span, fingerprint: str) -> Problem:
    hint = "Read what changed, mend the rules that cite it, then run `troth read TEXT --lock`."
    return Problem(
        code="text-drifted", message=message, span=span, found=fingerprint, about=fingerprint, hint=hint
    )


def _match(
    old: Sequence[LockedSentence] | Sequence[LockedHeading], new: Sequence[Sentence] | Sequence[Heading]
) -> tuple[list[int], list[int], list[tuple[int, int]]]:
    """Pair equal fingerprints, first those under equal headings; return added, removed and the pairs in order."""
    pairs: list[tuple[int, int]] = []
    left_old, left_new = list(range(len(old))), list(range(len(new)))
    for with_path in (True, False):
        waiting: defaultdict[tuple[str, tuple[str, ...]], deque[int]] = defaultdict(deque)
        for n in left_old:
            waiting[old[n].fingerprint, old[n].path if with_path else ()].append(n)
        unpaired = []
        for n in left_new:
            queue = waiting[new[n].fingerprint, new[n].path if with_path else ()]
            if queue:
                pairs.append((queue.popleft(), n))
            else:
                unpaired.append(n)
        left_new = unpaired
        left_old = sorted(n for queue in waiting.values() for n in queue)
    return left_new, left_old, sorted(pairs, key=lambda pair: pair[1])


def _in_order(numbers: Sequence[int]) -> list[bool]:
    """Mark a longest increasing run of distinct numbers, by patience sorting (Schensted 1961)."""
    tails: list[int] = []
    length_at: list[int] = []
    for number in numbers:
        at = bisect_left(tails, number)
        tails[at : at + 1] = [number]
        length_at.append(at + 1)
    marks = [False] * len(numbers)
    wanted, below = len(tails), float("inf")
    for n in range(len(numbers) - 1, -1, -1):
        if wanted and length_at[n] == wanted and numbers[n] < below:
            marks[n], wanted, below = True, wanted - 1, numbers[n]
    return marks

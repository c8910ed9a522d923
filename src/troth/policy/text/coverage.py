"""Which sentences of a text are cited by rules, declared wording, or neither.

Given the text and what the rules cite; prints nothing, `troth read` does. A lead-in or table header needs no
citation of its own: it counts with the items that continue it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import Enum

from troth.policy.text import lock as locks
from troth.policy.text import reference as references
from troth.policy.text.model import Sentence, Text

Place = tuple[str, tuple[str, ...]]


class Standing(Enum):
    """How a sentence stands to the rules."""

    CITED = "cited"
    WORDING_ONLY = "wording-only"
    UNCITED = "uncited"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One sentence and what cites it."""

    sentence: Sentence
    reference: str
    """The shortest reference that means it: what to write in `says`."""
    rules: tuple[str, ...]
    """Ids of the rules that cite it themselves."""
    standing: Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """A text and how much of it is cited."""

    rows: tuple[Row, ...]
    cited: int
    wording_only: int
    uncited: int
    unresolved: tuple[str, ...]
    """References that mean no sentence, or several that are not the same."""


def rows(
    text: Text, citations: Mapping[str, Collection[str]], wording_only: Collection[str] = ()
) -> tuple[Row, ...]:
    """Return each sentence with the rules that cite it, in the order of the text.

    Args:
        text: The text as read.
        citations: Reference → ids of the rules whose `says` holds it.
        wording_only: References of sentences declared to promise nothing.
    """
    return coverage(text, citations, wording_only).rows


def coverage(
    text: Text, citations: Mapping[str, Collection[str]], wording_only: Collection[str] = ()
) -> Coverage:
    """Count the sentences that are cited, declared wording, and neither."""
    lock = locks.of(text)
    cited_by: defaultdict[Place, dict[str, None]] = defaultdict(dict)
    unresolved = []
    for reference, rules in citations.items():
        places = _places(lock, reference)
        for place in places:
            cited_by[place] |= dict.fromkeys(rules)
        if not places:
            unresolved.append(reference)
    declared = {place for reference in wording_only for place in _places(lock, reference)}
    unresolved += [reference for reference in wording_only if not _places(lock, reference)]
    standings = _standings(text, cited_by.keys(), declared)
    names = references.all_shortest(lock)
    made = tuple(
        Row(
            sentence=sentence,
            reference=names[_place(sentence)],
            rules=tuple(cited_by.get(_place(sentence), ())),
            standing=standing,
        )
        for sentence, standing in zip(text.sentences, standings, strict=True)
    )
    counts = {each: sum(standing is each for standing in standings) for each in Standing}
    return Coverage(
        rows=made,
        cited=counts[Standing.CITED],
        wording_only=counts[Standing.WORDING_ONLY],
        uncited=counts[Standing.UNCITED],
        unresolved=tuple(dict.fromkeys(unresolved)),
    )


def _places(lock: locks.Lock, reference: str) -> set[Place]:
    found = references.resolve(lock, reference)
    return {_place(entry) for entry in found.entries} if found.outcome is references.Outcome.FOUND else set()


def _place(entry: locks.Entry | Sentence) -> Place:
    return entry.fingerprint, entry.path


def _standings(text: Text, cited: Collection[Place], declared: Collection[Place]) -> list[Standing]:
    standings = [_own(sentence, cited, declared) for sentence in text.sentences]
    items = _items(text)
    for at in sorted(items, reverse=True):
        if standings[at] is Standing.UNCITED:
            standings[at] = _through({standings[item] for item in items[at]})
    return standings


def _own(sentence: Sentence, cited: Collection[Place], declared: Collection[Place]) -> Standing:
    if _place(sentence) in cited:
        return Standing.CITED
    return Standing.WORDING_ONLY if _place(sentence) in declared else Standing.UNCITED


def _items(text: Text) -> dict[int, list[int]]:
    """Return for each sentence that leads the sentences that continue it."""
    latest: dict[str, int] = {}
    found: dict[int, list[int]] = {}
    for at, sentence in enumerate(text.sentences):
        if sentence.lead_in in latest:
            found.setdefault(latest[sentence.lead_in], []).append(at)
        if sentence.leads:
            latest[f"{sentence.lead_in} {sentence.text}".strip()] = at
    return found


def _through(items: set[Standing]) -> Standing:
    """Cited when an item is; wording when all items are."""
    if Standing.CITED in items:
        return Standing.CITED
    return Standing.WORDING_ONLY if items == {Standing.WORDING_ONLY} else Standing.UNCITED

"""What the answer to a request must hold: the united lists of every law of the case, each part with its sources.

Pure. What stands here is demanded; a part that is demanded and missing blocks sending. A law that lists nothing
still gets what any answer needs.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from troth.cases.case import Case
from troth.laws import answers as book
from troth.laws.answers import Wanted

PLAIN = {
    "access": ("confirmation", "copy"),
    "know": ("confirmation", "categories"),
    "know-specific": ("confirmation", "copy"),
    "portability": ("copy", "machine-readable"),
}
"""What an answer holds where no law of the case lists anything."""
PLAIN_REFUSAL = ("reasons",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Demanded:
    """One part an answer must hold."""

    part: str
    by: tuple[str, ...]
    """The rules that demand it, as `eu-gdpr Art. 15`; empty where only good practice does."""

    @property
    def says(self) -> str:
        """Say what it is."""
        return book.book().parts[self.part]


def answer(case: Case) -> tuple[Demanded, ...]:
    """Return what an answer that grants the request must hold."""
    found = [one for law in case.laws for one in book.of_answer(law, case.kind.name)]
    return _united(found, PLAIN.get(case.kind.name, ()))


def refusal(case: Case) -> tuple[Demanded, ...]:
    """Return what a refusal of the request, or of parts of it, must hold."""
    found = [one for law in case.laws for one in book.of_refusal(law, case.kind.name)]
    return _united(found, PLAIN_REFUSAL)


def missing(demanded: Iterable[Demanded], given: Iterable[str]) -> tuple[Demanded, ...]:
    """Return what is demanded and not there."""
    there = set(given)
    return tuple(one for one in demanded if one.part not in there)


def _united(found: Iterable[Wanted], plain: Iterable[str]) -> tuple[Demanded, ...]:
    by: dict[str, list[str]] = {part: [] for part in plain}
    for one in found:
        for part in one.parts:
            by.setdefault(part, []).append(f"{one.law} {one.article}")
    order = tuple(book.book().parts)
    return tuple(
        Demanded(part=part, by=tuple(dict.fromkeys(by[part]))) for part in sorted(by, key=order.index)
    )

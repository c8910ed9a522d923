"""What laws want in answers and refusals, what they let stay, and to whom people can complain.

Read from `answers.yml`, which a lawyer can read. A law that is not in it has no list of its own; what follows from
that is decided in `cases.answers`.
"""

from __future__ import annotations

from functools import cache
from importlib import resources

from pydantic import Field

from troth.grammar import faults
from troth.grammar.declare import Block, Flag, Words
from troth.grammar.nodes import compose
from troth.laws.model import RuleName, Sure
from troth.problems import BadInput


class Wanted(Block):
    """What an answer or a refusal must hold under one law."""

    law: RuleName
    article: str
    sure: Sure
    parts: Words
    kinds: Words = ()
    """Kinds of request, as `cases.kinds` has them; empty for every kind that has no line of its own."""


class Excuse(Block):
    """Something for which a law lets a request be refused, wholly or for single fields."""

    code: RuleName
    law: RuleName
    article: str
    sure: Sure
    says: str
    kinds: Words = ()
    """Kinds of request; empty for every kind."""
    proof: Flag = False
    """Whoever refuses bears the burden of proof: the facts must be written down."""


class Authority(Block):
    """To whom people of a place can complain."""

    place: str
    name: str
    contact: str
    sure: Sure


class Answers(Block):
    """Everything the file has."""

    parts: dict[str, str] = Field(default_factory=dict)
    answers: tuple[Wanted, ...] = ()
    refusals: tuple[Wanted, ...] = ()
    exceptions: tuple[Excuse, ...] = ()
    authorities: tuple[Authority, ...] = ()


@cache
def book() -> Answers:
    """Return the whole list."""
    data = (resources.files(__package__) / "answers.yml").read_bytes()
    document = compose("answers.yml", data)
    if document.problems or document.values is None:
        raise BadInput(document.problems)
    made, found = faults.find(Answers, document.values, document.places, document.file)
    if found:
        raise BadInput([fault.problem for fault in found])
    read: Answers = made
    return read


def of_answer(law: str, kind: str) -> tuple[Wanted, ...]:
    """Return what an answer to a kind of request must hold under a law."""
    return tuple(one for one in book().answers if one.law == law and kind in one.kinds)


def of_refusal(law: str, kind: str) -> tuple[Wanted, ...]:
    """Return what a refusal must hold under a law; what is said of the kind goes before what is said of all."""
    own = [one for one in book().refusals if one.law == law]
    named = tuple(one for one in own if kind in one.kinds)
    return named or tuple(one for one in own if not one.kinds)


def excuses(law: str, kind: str) -> tuple[Excuse, ...]:
    """Return what a law lets a kind of request be refused for."""
    return tuple(one for one in book().exceptions if one.law == law and (not one.kinds or kind in one.kinds))


def authority(residence: str) -> Authority | None:
    """Return to whom somebody of a place can complain: of the place, else of the whole it is a part of."""
    known = {one.place: one for one in book().authorities}
    words = residence.upper().split("-")
    for length in range(len(words), 0, -1):
        found = known.get("-".join(words[:length]))
        if found is not None:
            return found
    return None

"""What a law pack is made of: rules with article, source, days in force and how sure they are.

A pack is a YAML file a lawyer can read; this declaration reads it, so a wrong key is a fault with its line. Terms
say how long something may take, moves say what a fact does to a term, rights and duties say what is owed. How the
days are counted is in `clock` and `calendars`.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StringConstraints

from troth.grammar.declare import Block, Day, Flag, Name, Period, Words, listed

Sure = Literal["read", "secondary", "memory-very-high", "memory-high", "memory-medium", "interpretation"]
"""How a rule is known: read in the law or its official guidance, read in a secondary source, from memory (and how
firmly), or as a reading of ours without authority."""

RuleName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9.-]*$", max_length=80)]
Word = Literal["at-once", "as-soon-as-possible", "none"]
"""What a term says that gives no number."""

Topic = Literal[
    "retention",
    "consent-age",
    "transfer",
    "records",
    "refusal",
    "fee",
    "identity",
    "search",
    "cookies",
    "breach",
    "route",
    "minors",
    "marketing",
    "backups",
    "decisions",
]
"""What a duty is about."""

Resting = Annotated[
    tuple[Literal["saturday", "sunday", "holidays"], ...],
    BeforeValidator(listed),
]
"""The days an end does not fall on."""

FactKind = Literal["identity", "fee", "clarification", "cost"]
"""What may be asked for and come; each is a pair of events, `identity.asked` and `identity.received`."""


class Rule(Block):
    """What every rule says of itself."""

    id: RuleName
    article: str
    source: str = ""
    """Where it was read; by default the pack's source."""
    sure: Sure
    from_: Day | None = None
    """The first day it is in force; by default the pack's."""
    until: Day | None = None
    """The first day it is no longer in force."""
    note: str = ""


class Counting(Block):
    """How days are counted; each key stands alone, so that a reading can change one of them."""

    count: Literal["after", "with", "next-hour"] | None = None
    """From the day after the event, with its day, or from the next full hour."""
    days: Literal["calendar", "business"] | None = None
    calendar: str = ""
    """Whose holidays make business days; by default those of the place."""
    saturdays: Literal["free", "business"] | None = None
    ends_not_on: Resting | None = None
    """Days on which a term does not end; it ends on the next other day."""


class Reading(Counting):
    """Another way to read a term, that a policy may choose."""

    sure: Sure = "interpretation"
    why: str = ""


class Term(Rule, Counting):
    """How long something may take."""

    act: Name
    """What is to be done: respond, acknowledge, stop, notify-authority."""
    of: Words
    """The rights or occasions it is for."""
    takes: Period | Word
    extended: Period | None = None
    """The whole length, from the same start, once a notice of extension went out in time."""
    sense: Literal["by", "not-before", "keep-until", "window"] = "by"
    """A last day, a first day, a day until which something is kept, or a stretch that ends with the event."""
    target: Period | None = None
    """A bound of Troth's own where the law gives no number."""
    readings: dict[str, Reading] = Field(default_factory=dict)
    safe: Reading | None = None
    """The reading a careful organisation plans with."""


class Move(Rule):
    """What a fact does to terms that run."""

    on: FactKind
    of: Words = ()
    acts: Words = ()
    effect: Literal["restart", "pause", "none"]
    grace: Period | None = None
    """How long after the asking the term begins, where nothing has to come."""
    first_and_last_day: Literal["both", "one"] = "one"
    """Of a pause: whether the day of asking and the day of the answer both do not count."""
    only_in: str = ""
    """The reading under which it is done; otherwise it is only told."""
    when: str = ""
    """What must be true for it; an event with `justified: no` says it is not."""


class Identity(Block):
    """What proof of identity a right asks for."""

    level: Literal["none-allowed", "doubt-only", "reasonable", "reasonably-high", "by-risk", "parent"]
    """None may be asked; only on reasonable doubt; two points of data; three and a declaration; by harm; a parent."""
    note: str = ""


class Free(Block):
    """How often something may be asked for without a fee."""

    times: int
    within: Period
    article: str = ""
    sure: Sure
    """The number is often known less well than the right."""


class Right(Rule):
    """Something people may ask for."""

    right: Name
    identity: Identity | None = None
    who: Words = ()
    """Who may ask besides the person."""
    fee: str = ""
    free: Free | None = None
    """Where the law counts requests."""
    when: Words = ()
    """Conditions and grounds."""
    unless: Words = ()
    """Exceptions."""
    answer_holds: Words = ()
    refusal_holds: Words = ()


class Duty(Rule):
    """Anything else the law asks: records, consent ages, retention, transfers, complaint routes."""

    topic: Topic
    says: str
    period: Period | None = None
    age: int | None = None


class Notice(Block):
    """What the law wants a published policy to say."""

    rights: Words = ()
    """Rights people must be told of, by the names policies use; `a|b` means either."""
    article: str = ""
    term: str = ""
    """How fast requests are answered by law, with its article."""
    consent: str = ""
    """Why some purpose must rest on consent, with its article."""


class Pack(Block):
    """One law."""

    law: RuleName
    name: str
    places: Words
    """Where it applies; also the holidays and the clock of a term, where a case names no place."""
    from_: Day
    source: str
    read_on: Day
    """When its text was last looked at."""
    open: Words = ()
    """What was not read or is not settled."""
    policy_says: Notice = Notice()
    rights: tuple[Right, ...] = ()
    terms: tuple[Term, ...] = ()
    moves: tuple[Move, ...] = ()
    duties: tuple[Duty, ...] = ()

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Return every rule, in the order of the file."""
        return (*self.rights, *self.terms, *self.moves, *self.duties)

    def in_force(self, rule: Rule, day: date) -> bool:
        """Tell whether a rule of this pack is law on a day."""
        return (rule.from_ or self.from_) <= day and (rule.until is None or day < rule.until)


class Calendar(Block):
    """The days off of a place and the clock on its wall."""

    country: str
    part: str = ""
    zone: str
    not_moved_to_friday: Flag = False
    """Leave out days off that stand in for a Saturday."""
    also_from: str = ""
    """A part of the country from which single days are added."""
    also: Words = ()
    """Names of those days."""
    sure: Sure = "read"
    why: str = ""


class Calendars(Block):
    """Every place with a calendar."""

    places: dict[str, Calendar]

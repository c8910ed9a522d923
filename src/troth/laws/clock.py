"""The law's clock: from a pack, an event and append-only facts to the legal day, the safe day and the rules used.

A pure function: the same facts give the same answer, and every new fact is answered by computing again. One clock
knows one law; `earliest` looks over several. The careful day never leans on a day off at the end, on a reading the
law leaves open, or on the hours between the midnights of two zones.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from troth.laws import calendars, counting, moves, terms
from troth.laws.calendars import Place
from troth.laws.due import Beside, Clocked, Due, Step
from troth.laws.facts import ANSWERED, EXTENSION, RECEIVED, Fact, checked
from troth.laws.model import Pack, Reading, Term
from troth.periods import Period
from troth.problems import BadInput, Problem, nearest


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a clock is asked."""

    pack: Pack
    event: str
    """A right or occasion and an act: `access.respond`."""
    facts: tuple[Fact, ...]
    place: str = ""
    """Where it is to be done; by default the law's own place."""
    reading: str = ""
    """Another way to read the law, by the name its pack gives it."""
    alone: bool = False
    """Nothing is asked of the other terms that run from the same facts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """One question on its way."""

    question: Question
    here: Place
    received: datetime
    """On the clock of the place."""


def compute(question: Question, now: datetime) -> Clocked:
    """Compute the clock of one law.

    Raises:
        BadInput: when the pack has no such event or reading, or the facts cannot all be true.
    """
    facts = checked(question.facts, now)
    here = calendars.place(question.place or question.pack.places[0])
    received = counting.local(next(fact.at for fact in facts if fact.kind == RECEIVED), here)
    asked = Question(
        pack=question.pack,
        event=terms.written(question.event),
        facts=facts,
        place=here.asked,
        reading=terms.written(question.reading),
        alone=question.alone,
    )
    run = _Run(question=asked, here=here, received=received)
    found = terms.versions(question.pack, question.event)
    _known_reading(asked, found)
    term = terms.on(question.pack, found, received.date())
    return _not_in_force(run, found) if term is None else _running(run, term)


def earliest(clocks: Sequence[Clocked]) -> Clocked | None:
    """Return the clock to act by: the one whose safe day comes first; None when no law gives a day."""
    dated = [(moment, index) for index, one in enumerate(clocks) if (moment := one.safe.moment(one.zone))]
    return clocks[min(dated)[1]] if dated else None


def readings(pack: Pack, found: Sequence[Term]) -> tuple[str, ...]:
    """List the readings that some terms of a pack may be given."""
    named = [name for term in found for name in term.readings]
    return tuple(dict.fromkeys([*named, *(move.only_in for move in pack.moves if move.only_in)]))


def _running(run: _Run, term: Term) -> Clocked:
    legal, safe, trace = _both(run, term, run.question.event)
    others = () if run.question.alone else tuple(_others(run, term))
    return _clocked(run, term, (legal, safe), others, (*_about(run), *trace))


def _others(run: _Run, term: Term) -> Iterator[Beside]:
    for event, other in terms.beside(run.question.pack, run.question.event, term, run.received.date()):
        due, careful, _ = _both(run, other, event)
        yield Beside(event=event, legal=due, safe=careful)


def _clocked(
    run: _Run, term: Term | None, due: tuple[Due, Due], beside: tuple[Beside, ...], trace: tuple[Step, ...]
) -> Clocked:
    return Clocked(
        pack=run.question.pack,
        term=term,
        event=run.question.event,
        place=run.here.asked,
        zone=run.here.zone,
        legal=due[0],
        safe=due[1],
        beside=beside,
        trace=trace,
    )


def _both(run: _Run, term: Term, event: str) -> tuple[Due, Due, tuple[Step, ...]]:
    """Return the legal and the safe end of one term, and the rules of the legal one."""
    reading = term.readings.get(run.question.reading)
    about = (terms.right_of(event, term), term.act)
    moved = moves.of(run.question.pack, about, run.question.facts, run.here, run.question.reading)
    steps = (_named(term, reading), *moved.trace)
    if not isinstance(term.takes, Period):
        careful = Due(word=term.takes)
        if term.target is not None:
            way = counting.unrolled(counting.way(term))
            careful = counting.end(term, term.target, run.received, run.here, way).due
        return Due(word=term.takes), careful, steps
    how = counting.way(term, reading)
    length, told = _length(run, term, moved, how)
    start = counting.local(moved.start, run.here)
    counted = counting.end(term, length, start, run.here, how, paused=moved.paused)
    legal = Due(word="waiting") if moved.waiting else counted.due
    says = f"{length} from {start.date()}{_way(how)}: {counted.due}."
    last = (Step(says=says), *(Step(says=note) for note in counted.notes)) if not moved.waiting else ()
    return legal, _safe(run, term, moved, (legal, length)), (*steps, *told, *last)


def _safe(run: _Run, term: Term, moved: moves.Moved, legal: tuple[Due, Period]) -> Due:
    """Return the earliest end that can be defended; for what is kept or not yet done it is the legal one."""
    if term.sense != "by":
        return legal[0]
    how = counting.unrolled(counting.way(term, term.safe))
    start, written = counting.local(moved.careful_start, run.here), moved.careful_start
    ends = [
        counting.end(term, legal[1], at, run.here, how, paused=moved.careful_paused).due
        for at in ((start, written) if not legal[1].exact else (start,))
    ]
    dated = [(moment, due) for due in [*ends, legal[0]] if (moment := due.moment(run.here.zone))]
    return min(dated, key=lambda pair: pair[0])[1]


def _length(run: _Run, term: Term, moved: moves.Moved, how: counting.Way) -> tuple[Period, tuple[Step, ...]]:
    """Return how long the term is, and what an extension did."""
    assert isinstance(term.takes, Period)
    notice = next((fact for fact in run.question.facts if fact.kind == EXTENSION), None)
    if notice is None or term.extended is None:
        return term.takes, ()
    start = counting.local(moved.start, run.here)
    first = counting.end(term, term.takes, start, run.here, how, paused=moved.paused).due
    until = first.moment(run.here.zone)
    if until is not None and notice.at > until and not moved.waiting:
        return term.takes, (Step(says=f"The notice of extension came after {first}; it extends nothing."),)
    return term.extended, (Step(says=f"Extended by a notice in time: {term.extended} from the same start."),)


def _named(term: Term, reading: Reading | None) -> Step:
    says = f"{term.takes}" if isinstance(term.takes, Period) else f"no number: {term.takes}"
    if reading is not None:
        return Step(
            says=f"{says}, {reading.why or 'by a chosen reading'}",
            rule=term.id,
            article=term.article,
            sure=reading.sure,
        )
    return Step(says=says, rule=term.id, article=term.article, sure=term.sure)


def _way(how: counting.Way) -> str:
    if how.business:
        return f", business days of {how.calendar}" if how.calendar else ", business days"
    return ", the first day counted" if how.count == "with" else ""


def _about(run: _Run) -> tuple[Step, ...]:
    """Say what is to be known of the place and of what was done."""
    notes = []
    if run.here.calendar is None:
        notes.append(f"The place `{run.here.asked}` has no calendar here: no end is moved off a day off.")
    elif run.here.name != run.here.asked.upper():
        notes.append(f"The holidays are those of {run.here.name}; those of a part lengthen nothing.")
    answered = next((fact for fact in run.question.facts if fact.kind == ANSWERED), None)
    if answered is not None:
        notes.append(f"Answered on {counting.local(answered.at, run.here).date()}.")
    return tuple(Step(says=note) for note in notes)


def _not_in_force(run: _Run, found: Sequence[Term]) -> Clocked:
    pack = run.question.pack
    days = ", ".join(_days(term.from_ or pack.from_, term.until) for term in found)
    first = found[0]
    step = Step(
        says=f"No such rule was law on {run.received.date()}; it is {days}.",
        rule=first.id,
        article=first.article,
        sure=first.sure,
    )
    return _clocked(run, None, (Due(word="none"), Due(word="none")), (), (*_about(run), step))


def _days(since: date, until: date | None) -> str:
    return f"from {since} until {until}" if until else f"from {since}"


def _known_reading(question: Question, found: Sequence[Term]) -> None:
    valid = readings(question.pack, found)
    if question.reading and question.reading not in valid:
        raise BadInput(
            [
                Problem(
                    code="unknown-name",
                    message=f"{question.pack.law} gives this term no such reading.",
                    found=question.reading,
                    valid=valid,
                    nearest=nearest(question.reading, valid),
                    hint="Use one of the readings, or none.",
                )
            ]
        )

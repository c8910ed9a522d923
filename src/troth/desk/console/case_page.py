"""What the page of one case shows, put together from `app`; what is said of the person only while it may be read.

A reason to read counts for half an hour, for one case and one session; the session knows instants, not reasons.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest

from troth.app.casework import answering, found, steps
from troth.app.casework.answering import Prepared
from troth.app.casework.desk import Desk
from troth.app.casework.drafts import Said
from troth.app.casework.found import Found
from troth.app.casework.steps import Standing
from troth.app.requests import laws as request_laws
from troth.app.requests import views as request_views
from troth.app.requests.laws import Explained, OneLaw
from troth.app.requests.views import Read, Shown
from troth.app.screens import case_jobs
from troth.app.screens.case_jobs import Job
from troth.cases import deciding as reasons
from troth.cases import identity_proof, kinds, moves
from troth.cases.case import UNKNOWN, Case
from troth.desk import here
from troth.desk.accounts import seat
from troth.desk.accounts.seat import Seat
from troth.desk.console import case_facts, case_forms, case_words, spoken
from troth.desk.console.case_acts import ACTS, Act, said
from troth.desk.console.case_forms import About
from troth.desk.public import residences
from troth.errors import Refused, StoreError, TrothError
from troth.laws.due import Clocked
from troth.ledger.case_records import CaseRecord
from troth.ledger.outbox import LetterRecord
from troth.letters import text as plain
from troth.letters.model import Letter
from troth.sharing import register as recipients
from troth.sharing.model import Recipient

KEPT = "troth_reading"
"""In the session: until when each case may be read."""
WORKED = ("planned", "done")
"""Events whose sealed part stands on the page in other words."""
LASTS = timedelta(minutes=30)
MOST = 50
"""Cases a session remembers."""


POINTS = re.compile(r"(\d+) of \d+ points")
"""How many facts must still match, as the rules count them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A step that may be done, as a link to its form."""

    name: str
    title: str
    here: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One line of what happened."""

    number: int
    at: datetime
    says: str
    facts: tuple[str, ...]
    by: str
    sealed: tuple[tuple[str, str], ...]
    """Only while it may be read."""
    hidden: bool
    """Something sealed stands beside it that is not shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Other:
    """Another request of the same message or person."""

    id: int
    kind: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Everything the page shows."""

    id: int
    shown: Shown
    law: Explained
    standing: Standing
    found: Found | None
    read: Read | None
    until: datetime | None
    """Until when it may be read without another reason."""
    step: str
    """The step whose form stands open; empty where there is none."""
    next: str
    links: tuple[tuple[str, tuple[Link, ...]], ...]
    form: case_forms.Step | None
    happened: tuple[Happening, ...]
    missing: tuple[str, ...]
    prepared: Prepared | None
    reading: case_forms.Reading
    stopped: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Ways to decide that are not open, and why."""
    papers: tuple[int, ...] = ()
    job: Job | None = None
    """The last long step a worker took."""
    others: tuple[tuple[str, tuple[Other, ...]], ...] = ()

    @property
    def case(self) -> Case:
        """The case itself."""
        return self.shown.case

    @property
    def act(self) -> Act | None:
        """How the open step is done."""
        return ACTS.get(self.step)

    @property
    def words(self) -> case_words.Words | None:
        """How the open step is spoken of."""
        return case_words.STEPS.get(self.step)

    @property
    def left(self) -> tuple[str, str]:
        """Colour and word of the time that is left."""
        return case_words.LEFT[self.shown.left.word]

    @property
    def state(self) -> str:
        """Where it stands, in words."""
        return case_words.STATES[self.case.state]

    @property
    def outcome(self) -> str:
        """How it was decided, in words."""
        return case_words.DECIDED.get(self.case.outcome, "")

    @property
    def letter(self) -> Letter | None:
        """The answer as it would go now, while it may be read."""
        return self.prepared.letter if self.prepared and self.read else None

    @property
    def letter_parts(self) -> list[tuple[str, object]]:
        """Its parts, each with what kind it is."""
        return parts_of(self.letter) if self.letter else []

    @property
    def letter_text(self) -> str:
        """The same as plain text."""
        return plain.render(self.letter) if self.letter else ""

    @property
    def tell(self) -> tuple[Recipient, ...]:
        """Who is to be told."""
        return self.prepared.tell if self.prepared else ()

    @property
    def proof_missing(self) -> tuple[str, ...]:
        """What is not shown yet of who asks."""
        proof = self.standing.proof
        found_ = identity_proof.shown(self.case).missing(proof) if self.standing.unproven else ()
        found_ = tuple(POINTS.sub(_matching, one) for one in found_)
        return ("somebody's word that nobody doubts it", *found_) if found_ and proof.doubt_first else found_

    @property
    def proof_rules(self) -> tuple[tuple[str, str], ...]:
        """What each law says of proof."""
        grounds = self.standing.proof.grounds
        return tuple(
            (f"{case_words.law(one.law)} {one.article}", case_words.LEVELS.get(one.level, one.level))
            for one in grounds
        )

    @property
    def clocks(self) -> tuple[tuple[str, str, Clocked], ...]:
        """Every clock, with the law it is of and what it is for."""
        dates = self.shown.dates
        return tuple(
            (case_words.law(one.pack.law), case_words.ACTS.get(act := one.event.rpartition(".")[2], act), one)
            for one in (*dates.clocks, *dates.beside)
        )

    @property
    def laws(self) -> tuple[tuple[str, OneLaw], ...]:
        """What each law says, by its short name."""
        return tuple((case_words.law(one.pack.law), one) for one in self.law.laws)

    @property
    def lives(self) -> str:
        """Where the person lives; empty where nobody knows."""
        return "" if self.case.residence == UNKNOWN else residences.name(self.case.residence)

    @property
    def letters(self) -> tuple[tuple[str, LetterRecord], ...]:
        """What was written, and what each letter is."""
        return tuple((case_words.letter(one.kind), one) for one in self.shown.letters)

    @property
    def was_done(self) -> bool:
        """Tell whether what was worked out last was carried out."""
        planned, done = self.case.last("planned"), self.case.last("done")
        return planned is not None and done is not None and done.number > planned.number

    @property
    def may_see_package(self) -> bool:
        """Tell whether there is a package to look through."""
        planned = self.case.last("planned")
        return bool(self.found and not self.found.gone and planned and "package" in planned.body)

    @property
    def reasons(self) -> tuple[reasons.Given, ...]:
        """The reasons of the decision, with their rules."""
        decided = self.case.last("decided")
        codes: Sequence[str] = decided.body.get("reasons", ()) if decided else ()  # type: ignore[assignment]
        return reasons.reasons(self.case, codes)


def _matching(found: re.Match[str]) -> str:
    return "one more fact that matches" if found[1] == "1" else f"{found[1]} more facts that match"


def parts_of(letter: Letter) -> list[tuple[str, object]]:
    """Name the kind of each part of a letter, for templates."""
    return [(type(part).__name__.lower(), part) for part in letter.parts]


def desk(by: str) -> Desk:
    """Return where somebody works on requests."""
    at = here.place()
    return Desk(folder=at.folder, environment=at.environment, clock=at.clock, by=by)


def build(
    request: HttpRequest,
    id: int,
    *,
    step: str = "",
    form: case_forms.Step | None = None,
    prepared: Prepared | None = None,
) -> Page:
    """Put the page of a case together.

    Args:
        request: Who looks, and with which session.
        id: The case.
        step: The step whose form is to stand open; by default the next one.
        form: Its form, where something was sent.
        prepared: The answer with what was sent; by default without anything added.

    Raises:
        BadInput: there is no such case.
    """
    sitter, at = seat.sitting(request), here.place()
    project, now = here.project(), at.clock.now()
    shown = request_views.show(id, at)
    standing = steps.standing(shown.case, project, now)
    offered = _offered(standing, sitter, forgotten=shown.forgotten)
    first = steps.first(standing)
    chosen = step if step in offered else first if first in offered else ""
    until = reading_until(request, id)
    read = request_views.again(id, at) if until and not shown.forgotten else None
    prepared = prepared or _prepared(desk(sitter.name), shown)
    made = _worded(found.found(desk(sitter.name), shown.case))
    if form is None and chosen:
        form = make_form(chosen, shown, standing, prepared, made)
    return Page(
        id=id,
        shown=shown,
        law=request_laws.explain(id, at),
        standing=standing,
        found=made,
        read=read,
        until=until,
        step=chosen,
        next=first if first in offered else "",
        links=_links(offered, chosen, standing),
        form=form,
        happened=_happened(shown, read),
        missing=tuple(
            one for each in shown.missing if (one := case_words.shortly(each)) not in case_words.PLAIN
        ),
        prepared=prepared,
        reading=case_forms.Reading(),
        stopped=_stopped(outcomes(shown.case, made)) if chosen == "decide" else (),
        papers=_papers(id),
        job=_job(standing),
        others=_others(shown),
    )


def _worded(made: Found | None) -> Found | None:
    """Say why something stays by what the policy calls its rules."""
    if made is None or not made.stays:
        return made
    labels = {name: rule.label for name, rule in here.project().policy.retention.items()}
    return replace(made, stays=tuple(replace(one, says=spoken.stays(one.says, labels)) for one in made.stays))


def _job(standing: Standing) -> Job | None:
    """Return the last long step of a case that has such steps; the page does without where jobs are away."""
    if not (standing.case.kind.needs_plan and standing.case.open):
        return None
    try:
        return case_jobs.last(here.place(), standing.case.id)
    except StoreError:
        return None


def _others(shown: Shown) -> tuple[tuple[str, tuple[Other, ...]], ...]:
    """List other requests once each: those of the same message first."""
    same = {one.id for one in shown.together}
    groups = (
        ("Of the same message", shown.together),
        ("Of the same person", [one for one in shown.others if one.id not in same]),
    )
    return tuple((title, tuple(_other(one) for one in records)) for title, records in groups if records)


def _other(one: CaseRecord) -> Other:
    return Other(id=one.id, kind=kinds.kind(one.kind).says, state=case_words.STATES[one.state])


def make_form(
    step: str,
    shown: Shown,
    standing: Standing,
    prepared: Prepared | None,
    made: Found | None,
    sent: tuple[Any, Any] = (None, None),
) -> case_forms.Step:
    """Make the form of a step, filled with what was sent where something was."""
    about = About(
        standing=standing,
        project=here.project(),
        missing=_by_hand(prepared),
        recipients=_recipients(shown.case),
        outcomes=outcomes(shown.case, made) if step == "decide" else {},
    )
    return ACTS[step].form(about, *sent)


def bound(request: HttpRequest, id: int, step: str) -> case_forms.Step | None:
    """Return the form of a step with what was sent; None where the step is not offered now."""
    sitter, at = seat.sitting(request), here.place()
    shown = request_views.show(id, at)
    standing = steps.standing(shown.case, here.project(), at.clock.now())
    if step not in _offered(standing, sitter, forgotten=shown.forgotten):
        return None
    at_desk = desk(sitter.name)
    prepared = _prepared(at_desk, shown) if step == "answer" else None
    made = found.found(at_desk, shown.case) if step == "decide" else None
    return make_form(step, shown, standing, prepared, made, (request.POST, request.FILES))


def remember(request: HttpRequest, id: int) -> None:
    """Let somebody who gave a reason read a case for half an hour."""
    now = here.place().clock.now()
    kept = {case: until for case, until in _kept(request).items() if datetime.fromisoformat(until) > now}
    kept = dict(list(kept.items())[-MOST + 1 :])
    request.session[KEPT] = kept | {str(id): (now + LASTS).isoformat()}


def reading_until(request: HttpRequest, id: int) -> datetime | None:
    """Return until when somebody may read a case; None where they may not, or gave no reason."""
    if not seat.sitting(request).may("read-people"):
        return None
    text = _kept(request).get(str(id))
    until = datetime.fromisoformat(text) if text else None
    return until if until and until > here.place().clock.now() else None


def _kept(request: HttpRequest) -> Mapping[str, str]:
    found_: Mapping[str, str] = request.session.get(KEPT, {})
    return found_


def _offered(standing: Standing, sitter: Seat, *, forgotten: bool) -> tuple[str, ...]:
    if forgotten:
        return ()
    every = (one for one in steps.offered(standing) if sitter.may(ACTS[one].deed))
    return tuple(one for one in every if one != "recipient" or _recipients(standing.case))


def _links(
    offered: Sequence[str], chosen: str, standing: Standing
) -> tuple[tuple[str, tuple[Link, ...]], ...]:
    groups: dict[str, list[Link]] = {}
    done = {"plan": standing.case.last("planned"), "decide": standing.case.last("decided")}
    for name in offered:
        words = case_words.STEPS[name]
        title = words.again if words.again and done.get(name) else words.title
        groups.setdefault(words.group, []).append(Link(name=name, title=title, here=name == chosen))
    return tuple((group, tuple(groups[group])) for group in case_words.GROUPS if group in groups)


def outcomes(case: Case, made: Found | None) -> dict[str, tuple[str, ...]]:
    """Say of every way to decide what keeps it from being taken, the plan at hand included."""
    every = steps.outcomes(case)
    if case.kind.name == "erase" and made is not None and made.people and not made.gone:
        if any(one.for_person for one in made.stays):
            every["granted"] += ("Something stays by the plan; the person is told what and why.",)
        if not made.stays:
            every["partial"] += (
                "Nothing stays by the plan. A hold on what is to stay, and a new plan, come first.",
            )
    return every


def _stopped(every: Mapping[str, tuple[str, ...]]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple(
        (case_words.OUTCOMES[one], tuple(map(case_words.shortly, why))) for one, why in every.items() if why
    )


def _prepared(at: Desk, shown: Shown) -> Prepared | None:
    """Return the answer as far as it can be written, once it was decided."""
    if shown.forgotten or shown.case.state != moves.ANSWERING:
        return None
    try:
        return answering.prepared(at, shown.case.id, Said(parts={}))
    except TrothError:  # what stops it is said when it is to be sent
        return None


def preview(request: HttpRequest, id: int, form: case_forms.Step) -> Prepared:
    """Return the answer with what somebody typed.

    Raises:
        Refused: nobody may read it now.
    """
    if reading_until(request, id) is None:
        raise Refused("The letter says who the person is.", hint="Give a reason to read it first.")
    return answering.prepared(desk(seat.sitting(request).name), id, said(form))


def _by_hand(prepared: Prepared | None) -> tuple[Any, ...]:
    return prepared.missing if prepared else ()


def _recipients(case: Case) -> tuple[Recipient, ...]:
    """List those whose answer can be written down: events name recipients by their number."""
    if case.last("recipients.told") is None:
        return ()
    return tuple(one for one in known_recipients() if one.id is not None)


def known_recipients() -> tuple[Recipient, ...]:
    """List the recipients the ledger has by number."""
    at = here.place()
    return recipients.read(here.ledger(), here.project().policy, on=at.clock.now().date())


def _papers(id: int) -> tuple[int, ...]:
    return tuple(one.id for one in here.ledger().papers.of(id, standing=True))


def _happened(shown: Shown, read: Read | None) -> tuple[Happening, ...]:
    texts = {number: text for number, _, text in read.texts} if read else {}
    return tuple(
        Happening(
            number=event.number,
            at=event.at,
            says=case_words.event(event.kind),
            facts=case_facts.facts(event.kind, event.body),
            by=shown.staff.get(event.by, "") if event.by else "Troth",
            sealed=tuple(_plain(texts.get(event.number, {}))) if event.kind not in WORKED else (),
            hidden=event.has_text and event.number not in texts and event.kind not in WORKED,
        )
        for event in reversed(shown.case.events)
    )


def _plain(text: Mapping[str, Any]) -> list[tuple[str, str]]:
    found_ = []
    for name, one in text.items():
        if name in {"declaration", "authority"}:  # a document, kept as hexadecimal digits
            found_.append((name, f"a document of {len(str(one)) // 2:,} bytes"))
        elif isinstance(one, list):
            found_.append((name.replace("_", " "), "; ".join(map(str, one))))
        elif isinstance(one, dict):
            found_.append((name.replace("_", " "), "; ".join(f"{k}: {v}" for k, v in one.items())))
        elif str(one).strip():
            found_.append((name.replace("_", " "), str(one)))
    return found_

"""The steps of a case as the screen does them: a form, and the one function of `app` it calls.

What a step says back is shown above the case; what it refuses is shown beside its form, with all that was typed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from troth.app.casework import answering, deciding, doing, drafts, following, planning, withdrawing
from troth.app.casework.desk import Desk
from troth.app.casework.doing import Ordered
from troth.app.proving import identity as proving
from troth.app.proving.identity import Proving
from troth.app.requests import customers as request_customers
from troth.app.requests import steps as request_steps
from troth.app.requests import terms as request_terms
from troth.app.requests.opening import Changed, Doing
from troth.app.requests.steps import Place
from troth.desk.console import case_forms as forms
from troth.desk.console import case_words
from troth.desk.roles import Deed
from troth.errors import Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One step somebody does."""

    id: int
    form: Any
    """Bound and valid."""
    place: Place
    by: str

    @property
    def data(self) -> dict[str, Any]:
        """What was typed."""
        found: dict[str, Any] = self.form.cleaned_data
        return found

    @property
    def doing(self) -> Doing:
        """Who does it, and how much of the case they saw."""
        return Doing(by=self.by, happened=self.data.get("happened"), seen=self.data["seen"])

    @property
    def desk(self) -> Desk:
        """Where somebody works on requests."""
        at = self.place
        return Desk(folder=at.folder, environment=at.environment, clock=at.clock, by=self.by)

    @property
    def proof(self) -> proving.Place:
        """Where proof is taken in."""
        at = self.place
        return proving.Place(folder=at.folder, environment=at.environment, clock=at.clock)


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What is said after a step."""

    says: str
    notes: tuple[str, ...] = ()
    good: bool = True


Do = Callable[[Ask], Done]


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """How a step is done."""

    form: type[forms.Step]
    do: Do
    deed: Deed = "lead-requests"
    danger: bool = False
    long: bool = False
    """It may take long: a worker does it."""


def do(name: str, ask: Ask) -> Done:
    """Do a step.

    Raises:
        BadInput: with what cannot be used.
        Refused: when it may not be done, or somebody else was quicker.
        StoreError: when a store does not answer.
    """
    found = ask.desk.read(ask.id)
    if len(found.events) != ask.data["seen"]:
        raise Refused(
            "Somebody else did something to this case while this page was open. Nothing of yours was kept.",
            hint="Look at what is new under What happened, then repeat what is still right.",
        )
    return ACTS[name].do(ask)


def _changed(says: str, step: Callable[[Ask], Changed]) -> Do:
    def run(ask: Ask) -> Done:
        made = step(ask)
        notes = tuple(case_words.shortly(one) for one in made.notes)
        if made.dates.safe.date() != made.before.safe.date():
            notes = (
                f"Act by {made.dates.safe:%d %B %Y}; until now it was {made.before.safe:%d %B %Y}.",
                *notes,
            )
        letter = f" The letter waits in the outbox ({made.letter})." if made.letter else ""
        return Done(says=f"{says}{letter}", notes=notes)

    return run


def _proving(step: Callable[[Ask], Proving]) -> Do:
    def run(ask: Ask) -> Done:
        made = step(ask)
        return Done(says=_stands(made), notes=made.notes, good=made.proven or made.said in {"", "right"})

    return run


def _stands(made: Proving) -> str:
    says = []
    if made.said == "wrong":
        says.append(f"The code is wrong; {made.left} guesses are left.")
    elif made.said:
        words = {"right": "right", "expired": "out of date", "dead": "dead after too many guesses"}
        says.append(f"The code is {words.get(made.said, 'not one we sent')}.")
    if made.of is not None:
        says.append(f"{made.matched} of {made.of} facts match.")
    if made.paper:
        says.append("The document is kept, encrypted and apart.")
    if made.letter:
        says.append(f"The letter waits in the outbox ({made.letter}).")
    if made.proven:
        says.append("It is proven who asks.")
    elif made.shown.missing(made.proof):
        says.append(f"Still missing: {', '.join(made.shown.missing(made.proof))}.")
    return " ".join(says)


def _customer(ask: Ask) -> Changed:
    match ask.data["how"]:
        case "ask":
            return request_customers.ask(ask.id, ask.doing, ask.place)
        case "ours":
            return request_customers.ours(ask.id, ask.doing, ask.place)
        case _:
            return request_customers.name(ask.id, ask.data["customer"], ask.doing, ask.place)


def _send_code(ask: Ask) -> Proving:
    valid = timedelta(minutes=ask.data["minutes"])
    return proving.send_code(ask.id, ask.data["because"], ask.doing, ask.proof, valid=valid)


def _match(ask: Ask) -> Proving:
    disputed = ask.data.get("disputed", ())
    return proving.match(ask.id, ask.form.given, ask.doing, ask.proof, disputed=disputed)


def _plan(ask: Ask) -> Done:
    made = planning.work_out(ask.desk, ask.id, joined=ask.data["joined"])
    notes = (f"{made.unlooked} places were not looked at; they are listed below.",) if made.unlooked else ()
    if not made.anybody:
        return Done(says="Nothing of the person was found.", notes=notes)
    return Done(says="It is worked out: see what was found, what goes and what stays.", notes=notes)


def _decide(ask: Ask) -> Done:
    case = deciding.decide(ask.desk, ask.id, ask.form.decision, seen=ask.data["seen"])
    return Done(says=f"Decided: {case_words.DECIDED[case.outcome]}.")


def _carry_out(ask: Ask) -> Done:
    data = ask.data
    ordered = Ordered(
        purpose=data.get("purpose", ""),
        field=data.get("field", ""),
        value=data.get("value", ""),
        reason=data.get("reason", ""),
        review=data["review"].isoformat() if data.get("review") else "",
        allowed=tuple(data.get("allow", ())),
    )
    made = doing.carry_out(ask.desk, ask.id, ordered)
    notes = (
        tuple(f"{one.store}: {one.message}" for one in made.erased.results if one.message)
        if made.erased
        else ()
    )
    return Done(says=case_words.shortly(made.says), notes=notes, good=made.over)


def _hold_off(ask: Ask) -> Done:
    data = ask.data
    review = data["review"].isoformat() if data.get("review") else ""
    ordered = Ordered(purpose=data.get("purpose", ""), review=review, allowed=tuple(data.get("allow", ())))
    doing.until_decided(ask.desk, ask.id, ordered)
    return Done(says="The use of the data stops until this is decided.")


def _redacted(ask: Ask) -> Done:
    planning.redacted(ask.desk, ask.id)
    return Done(says="It is written down, by your name, that you looked through the package.")


def said(form: Any) -> drafts.Said:
    """Return what a person adds to an answer."""
    data = form.cleaned_data
    delivery, notes = data.get("delivery", "").strip(), data["notes"].strip()
    return drafts.Said(
        parts=form.parts,
        delivery=(delivery,) if delivery else (),
        notes=(notes,) if notes else (),
        by_hand=data["by_hand"],
    )


def _answer(ask: Ask) -> Done:
    made = answering.answer(ask.desk, ask.id, said(ask.form))
    says = (
        f"Answered: the letter waits in the outbox ({made.letter})." if made.letter else "Answered by hand."
    )
    notes = []
    if made.told:
        notes.append(f"Recipients told: {', '.join(made.told)}.")
    if made.untold:
        notes.append(f"Nobody knows how to reach: {', '.join(made.untold)}. Tell them yourself.")
    return Done(says=says, notes=tuple(notes))


def _follow_up(ask: Ask) -> Done:
    made = following.follow(ask.desk, ask.id, apply=True)
    if made.came == "erased":
        return Done(says=f"Erased: {made.rows:,} row{'s' if made.rows != 1 else ''}.")
    return Done(says=f"Nothing was erased: {made.says}.", good=made.came == "stays")


def _recipient(ask: Ask) -> Done:
    answering.recipient_answered(ask.desk, ask.id, ask.data["recipient"], ask.data["outcome"])
    return Done(says="The recipient's answer is written down.")


def _clarify(ask: Ask) -> Changed:
    data = ask.data
    questions = [one.strip() for one in data["questions"].splitlines() if one.strip()]
    return request_terms.clarify(
        ask.id, questions, data["why"], ask.doing, ask.place, justified=data["needed"]
    )


def _extend(ask: Ask) -> Changed:
    data = ask.data
    return request_terms.extend(
        ask.id, data["reason"], data["because"], ask.doing, ask.place, until=data.get("until")
    )


def _fee(ask: Ask) -> Changed:
    data = ask.data
    return request_terms.fee(ask.id, data["reason"], data["amount"], data["because"], ask.doing, ask.place)


def _authority(ask: Ask) -> Proving:
    data = ask.data
    return proving.authority(ask.id, data["document"], ask.doing, ask.proof, attorney=data["attorney"])


ACTS: Mapping[str, Act] = {
    "customer": Act(form=forms.Customer, do=_changed("Saved.", _customer)),
    "refer": Act(
        form=forms.Refer,
        do=_changed("Passed on.", lambda a: request_customers.refer(a.id, a.data["to"], a.doing, a.place)),
    ),
    "instruct": Act(
        form=forms.Instruct,
        do=_changed(
            "The instruction is kept.",
            lambda a: request_customers.instruct(a.id, a.data["instruction"], a.doing, a.place),
        ),
    ),
    "authority": Act(form=forms.Authority, do=_proving(_authority)),
    "parent": Act(
        form=forms.Because,
        do=_proving(lambda a: proving.parent(a.id, a.data["because"], a.doing, a.proof)),
    ),
    "accept": Act(
        form=forms.Accept,
        do=_proving(lambda a: proving.accept(a.id, a.data["means"], a.data["because"], a.doing, a.proof)),
    ),
    "send-code": Act(form=forms.SendCode, do=_proving(_send_code)),
    "check-code": Act(
        form=forms.CheckCode,
        do=_proving(lambda a: proving.check_code(a.id, a.data["code"], a.doing, a.proof)),
    ),
    "match": Act(form=forms.Match, do=_proving(_match)),
    "ask": Act(
        form=forms.Ask,
        do=_proving(lambda a: proving.ask(a.id, a.data["means"], a.data["because"], a.doing, a.proof)),
    ),
    "declare": Act(
        form=forms.Declare,
        do=_proving(lambda a: proving.declare(a.id, a.data["document"], a.doing, a.proof)),
    ),
    "keep-paper": Act(
        form=forms.Paper,
        do=_proving(lambda a: proving.keep_paper(a.id, a.data["document"], a.doing, a.proof)),
    ),
    "fail": Act(
        form=forms.Fail,
        do=_proving(lambda a: proving.fail(a.id, a.data["reason"], a.doing, a.proof)),
        danger=True,
    ),
    "acknowledge": Act(
        form=forms.NothingDated,
        do=_changed("Written down.", lambda a: request_steps.acknowledge(a.id, a.doing, a.place)),
    ),
    "clarify": Act(form=forms.Clarify, do=_changed("The question is asked.", _clarify)),
    "clarified": Act(
        form=forms.Clarified,
        do=_changed(
            "The answer is kept.", lambda a: request_terms.clarified(a.id, a.data["text"], a.doing, a.place)
        ),
    ),
    "extend": Act(form=forms.Extend, do=_changed("The person is told.", _extend)),
    "fee": Act(form=forms.Fee, do=_changed("The fee is asked for.", _fee)),
    "cost": Act(
        form=forms.Cost,
        do=_changed(
            "The person is told what it costs.",
            lambda a: request_terms.cost(a.id, a.data["amount"], a.data["because"], a.doing, a.place),
        ),
    ),
    "paid": Act(
        form=forms.NothingDated,
        do=_changed("Written down.", lambda a: request_terms.paid(a.id, a.doing, a.place)),
    ),
    "confirmed": Act(
        form=forms.NothingDated,
        do=_changed("Written down.", lambda a: request_terms.confirmed(a.id, a.doing, a.place)),
    ),
    "residence": Act(
        form=forms.Residence,
        do=_changed(
            "Laws and dates are computed anew.",
            lambda a: request_steps.residence(a.id, a.data["place"], a.doing, a.place),
        ),
    ),
    "hold-off": Act(form=forms.HoldOff, do=_hold_off),
    "plan": Act(form=forms.Plan, do=_plan, long=True),
    "redacted": Act(form=forms.Nothing, do=_redacted),
    "decide": Act(form=forms.Decide, do=_decide, deed="decide"),
    "carry-out": Act(form=forms.CarryOut, do=_carry_out, long=True),
    "answer": Act(form=forms.Answer, do=_answer),
    "recipient": Act(form=forms.RecipientAnswered, do=_recipient),
    "note": Act(
        form=forms.Note,
        do=_changed(
            "The note is kept.", lambda a: request_steps.note(a.id, a.data["text"], a.doing, a.place)
        ),
    ),
    "close": Act(
        form=forms.Close,
        do=_changed(
            "The case is closed.", lambda a: request_steps.close(a.id, a.data["because"], a.doing, a.place)
        ),
    ),
    "follow-up": Act(form=forms.Nothing, do=_follow_up, deed="decide", danger=True),
    "withdraw": Act(
        form=forms.NothingDated,
        do=_changed(
            "The case is closed as withdrawn.", lambda a: withdrawing.withdraw(a.id, a.doing, a.place)
        ),
        danger=True,
    ),
    "reopen": Act(
        form=forms.Reopen,
        do=_changed(
            "It is open again.",
            lambda a: request_steps.reopen(a.id, a.data["reason"], a.data["text"], a.doing, a.place),
        ),
    ),
}
"""Every step of `app.casework.steps`, by name."""

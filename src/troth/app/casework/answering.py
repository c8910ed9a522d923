"""Answer a request: the letter with everything the laws of the case demand, recipients told, the event that it went.

A part that is demanded and missing blocks the answer. Letters and events are written in one transaction; what was
demanded by which law is worked out anew each time, so that an answer given later is held to the law of that day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from troth.app import known
from troth.app.casework import desk as desks
from troth.app.casework import doing, drafts, freezing, planning, wording
from troth.app.casework.contents import Held
from troth.app.casework.desk import Desk
from troth.app.casework.drafts import Said
from troth.app.requests import letters as request_letters
from troth.app.requests import opening as requests
from troth.app.requests.opening import Work
from troth.cases import deciding, moves
from troth.cases.answers import Demanded
from troth.cases.case import Case, Contents
from troth.cases.register import Happened
from troth.errors import Refused
from troth.ledger.ledger import Ledger
from troth.letters import text as plain
from troth.letters.model import Letter
from troth.people import typed
from troth.people.typed import Identity
from troth.problems import BadInput, Problem
from troth.sharing import answers as sharing
from troth.sharing import journal
from troth.sharing.journal import Disclosing
from troth.sharing.model import Recipient

ARTICLE_19 = frozenset({"erase", "rectify", "restrict"})

DONE = {"erase": "erased", "rectify": "corrected", "restrict": "restricted"}

LAWS_19 = {"eu-gdpr": "GDPR Art. 19", "uk-gdpr": "UK GDPR Art. 19"}

OF_KIND = {
    "erase": {"us-ca-ccpa": "Civ. Code 1798.105(c)"},
    "rectify": {"us-ca-ccpa": "11 CCR 7023(c)", "sg-pdpa": "PDPA s. 22(2)(b)"},
}
"""Other laws that have recipients told, by what was done."""

ANSWERS = ("done", "refused", "not-held")
"""What a recipient can answer."""

WE_HOLD = "our agreement with you"


@dataclass(frozen=True, kw_only=True)
class Answered:
    """What went out."""

    case: Case
    letter: str
    """In the outbox; empty where it was handed over."""
    told: tuple[str, ...]
    """Recipients that were told."""
    untold: tuple[str, ...]
    """Recipients nobody knows how to reach."""


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """An answer before it goes."""

    letter: Letter | None
    """None while a part is missing."""
    missing: tuple[Demanded, ...]
    tell: tuple[Recipient, ...]
    """Who is told with it."""


def answer(desk: Desk, id: int, said: Said) -> Answered:
    """Answer a request, as it was decided.

    Raises:
        BadInput: with every part the laws demand that is missing.
        Refused: when nothing was decided or done yet, or nobody knows where the answer goes.
    """
    case = desk.read(id)
    if case.state != moves.ANSWERING:
        raise Refused(
            f"{case.reference} is {case.state}: it cannot be answered now.",
            hint=f"`troth request show {id}` says what comes next.",
        )
    contents = desk.contents(case)
    if case.outcome not in deciding.GRANTS and case.last("restricted") is not None:
        preview(desk, id, said)
        case = doing.refused(desk, case)
    _redacted(case)
    with desk.at_work() as work:
        held = _held(work, case, contents)
        tell = _to_tell(work.ledger, case, held)
        told = [one for one in tell if one.contact]
        draft = drafts.draft(work, held, said, [one.name for one in told])
        if draft.missing:
            raise BadInput([_absent(one) for one in draft.missing])
        letter = request_letters.put(work, case, contents, draft.kind, draft.data)
        if not letter and not said.by_hand:
            raise Refused(
                "Nobody knows where the answer goes.",
                hint="Hand it over and say so with --by-hand, or open the request with an address.",
            )
        if told:
            letters = [_notice(work, case, contents, one) for one in told]
            body: dict[str, object] = {"recipients": len(told), "letter": letters[0]}
            names = {"recipients": [one.name for one in told]}
            case = work.add(case, Happened(kind="recipients.told", at=work.now, body=body, text=names))
        if untold := [one.name for one in tell if not one.contact]:
            text = {
                "text": f"Nobody knows how to reach these recipients; to be told by hand: {'; '.join(untold)}."
            }
            case = work.add(case, Happened(kind="note", at=work.now, text=text))
        _journal(desk, work, held, case, told)
        case = work.add(case, _answered(case, letter, work))
        if case.outcome in {"granted", "nothing-held"}:
            freezing.thaw(work.ledger, case, by=desk.by, at=work.now)
    return Answered(
        case=case,
        letter=letter,
        told=tuple(one.name for one in told),
        untold=tuple(untold),
    )


def preview(desk: Desk, id: int, said: Said) -> str:
    """Return the letter as it would be written, as plain text; nothing is written down.

    Raises:
        BadInput: with every part the laws demand that is missing.
        Refused: when nothing was decided yet.
    """
    made = prepared(desk, id, said)
    if made.letter is None:
        raise BadInput([_absent(one) for one in made.missing])
    return plain.render(made.letter)


def prepared(desk: Desk, id: int, said: Said) -> Prepared:
    """Return the answer as far as it can be written, and what it still needs; nothing is written down.

    Raises:
        Refused: when nothing was decided yet, or what the request says of the person was destroyed.
    """
    case = desk.read(id)
    if not case.outcome:
        raise Refused(f"{case.reference} was not decided: there is no answer yet.")
    contents = desk.contents(case)
    with desk.ledger() as ledger:
        work = Work(project=desk.project(), ledger=ledger, now=desk.now(), staff=0)
        held = _held(work, case, contents)
        tell = _to_tell(ledger, case, held)
        draft = drafts.draft(work, held, said, [one.name for one in tell if one.contact])
        letter = None
        if not draft.missing:
            letter = request_letters.written(work, case, contents, draft.kind, draft.data)
        return Prepared(letter=letter, missing=draft.missing, tell=tell)


def recipient_answered(desk: Desk, id: int, recipient: str, outcome: str) -> Case:
    """Write down what a recipient answered who was told of what was done.

    Raises:
        BadInput: when the answer is none of those there are.
        Refused: when nobody was told yet.
    """
    if outcome not in ANSWERS:
        problem = Problem(
            code="bad-value",
            message="A recipient has no such answer.",
            found=outcome,
            valid=ANSWERS,
            hint="Take one.",
        )
        raise BadInput([problem])
    case = desk.read(id)
    if case.last("recipients.told") is None:
        raise Refused(f"No recipient was told anything about {case.reference}.")
    body = {"recipient": recipient, "reason": outcome}
    return desk.add(case, Happened(kind="recipient.answered", at=desk.now(), body=body))


def _redacted(case: Case) -> None:
    """Refuse to hand over what may name others before somebody looked at it."""
    planned, looked = case.last("planned"), case.last("redaction.checked")
    if case.kind.name not in planning.EXPORTS or planned is None or not planned.body.get("blocked"):
        return
    if case.outcome in deciding.GRANTS and (looked is None or looked.number < planned.number):
        raise Refused(
            "The package has entries about several people, and nobody looked through it for data of others.",
            hint=f"Read it, take out what is theirs, then: troth request redacted {case.id}.",
        )


def _answered(case: Case, letter: str, work: Work) -> Happened:
    body: dict[str, object] = {"outcome": case.outcome}
    if letter:
        body["letter"] = letter
    done = case.last("done")
    if done is not None and "package" in done.body:
        body["package"] = done.body["package"]
    return Happened(kind="answered", at=work.now, body=body)


def _held(work: Work, case: Case, contents: Contents) -> Held:
    planned = case.last("planned")
    made = work.ledger.cases.text(case.id, planned.number) if planned and planned.has_text else None
    rows = {str(name): int(count) for name, count in ((made or {}).get("rows") or {}).items()}
    datamap = work.project.datamap
    identities: tuple[Identity, ...] = ()
    if contents.identities:
        found, _ = typed.read(list(desks.wish(contents).lines), requests.known(work.project))
        identities = known.canonical((one.identity for one in found), datamap)
    return Held(
        project=work.project,
        case=case,
        rows={name: count for name, count in rows.items() if name in datamap.datasets},
        identities=identities,
        at=work.now,
        contact=request_letters.our_contact(work.project),
        withheld=bool((made or {}).get("withheld") or (made or {}).get("left_out")),
    )


def _to_tell(ledger: Ledger, case: Case, held: Held) -> tuple[Recipient, ...]:
    """Return who must be told of what was done (GDPR Art. 19; CCR 7022(b))."""
    if (
        case.kind.name not in ARTICLE_19
        or case.outcome not in deciding.GRANTS
        or case.last("recipients.told")
    ):
        return ()
    done = case.last("done")
    text = (ledger.cases.text(case.id, done.number) if done and done.has_text else None) or {}
    gone = dict.fromkeys(str(row[0]) for row in wording.rows(text, "gone"))
    if case.kind.name == "erase" and not gone:
        return ()
    return sharing.to_tell(ledger, held.identities, tuple(gone), world=held.project, at=held.at)


def _notice(work: Work, case: Case, contents: Contents, to: Recipient) -> str:
    what = DONE[case.kind.name]
    rules = LAWS_19 | OF_KIND.get(case.kind.name, {})
    data: dict[str, object] = {
        "what": what,
        "law": "; ".join(rules[law] for law in case.laws if law in rules) or WE_HOLD,
        "who": list(contents.identities),
        "about": [_category(work, one) for one in to.categories]
        or ["all data of this person that you have from us"],
        "ask": [f"See to it that the data is {what} with you too, and tell us when it is."],
    }
    return request_letters.put(work, case, contents, "recipient-notice", data, to=to.contact)


def _journal(desk: Desk, work: Work, held: Held, case: Case, told: Sequence[Recipient]) -> None:
    """Write down what the answer itself gave away, and that the data was used for it."""
    if not held.identities:
        return
    whose, about = held.identities[:1], held.categories or ("identity",)
    entries = [
        Disclosing(
            kind="disclosure",
            at=work.now,
            purpose="rights-notice",
            recipient=one,
            categories=about,
            case=case.id,
        )
        for one in told
    ]
    done = case.last("done")
    if done is not None and "package" in done.body:
        datasets = tuple(name for name, rows in held.rows.items() if rows)
        entries.append(
            Disclosing(kind="use", at=work.now, purpose="rights-answer", datasets=datasets, case=case.id)
        )
    for one in entries:
        journal.add(work.ledger, one, whose, by=desk.by, now=work.now)


def _category(work: Work, name: str) -> str:
    known_ = work.project.policy.categories.get(name)
    return (known_.label if known_ else "") or name


def _absent(one: Demanded) -> Problem:
    return Problem(
        code="missing-part",
        message=f"The answer must say {one.says}: {', '.join(one.by) or 'every answer does'}.",
        valid=(one.part,),
        hint=f"Declare it in the project, or write it: --part {one.part}=FILE.",
    )

"""Answer a request: the letter with everything the laws of the case demand, recipients told, the event that it went.

A part that is demanded and missing blocks the answer. Letters and events are written in one transaction; what was
demanded by which law is worked out anew each time, so that an answer given later is held to the law of that day.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from troth.app import known, request_letters, requests
from troth.app.casework import contents as parts
from troth.app.casework import desk as desks
from troth.app.casework import doing, freezing, planning
from troth.app.casework.contents import Held
from troth.app.casework.deciding import KEEPS
from troth.app.casework.desk import Desk
from troth.app.requests import Work
from troth.backups.gone import LastCopy
from troth.cases import answers, deciding, moves
from troth.cases.answers import Demanded
from troth.cases.case import Case, Contents
from troth.cases.register import Happened
from troth.errors import Refused
from troth.ledger.ledger import Ledger
from troth.letters import text as plain
from troth.letters.model import Reason
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
IN_THE_LETTER = frozenset({"reasons", "basis", "rest-done", "only-for-that"})
"""Parts of a refusal that its reasons and notes are."""
ANSWERS = ("done", "refused", "not-held")
"""What a recipient can answer."""
REFERENCE = re.compile(r"[a-z]+:\d+")
"""How a hold is named among us: nothing to tell a person."""
WE_HOLD = "our agreement with you"
ENDS = "Until now the use of your data was restricted; with our decision that restriction ends."
"""What a person must know of the end of a restriction (GDPR Art. 18(3))."""
NO_COPY = "We keep no copy of our systems that still holds your data."
UNKNOWN_COPY = (
    "Copies made for emergencies may hold it until they are overwritten; we cannot name the day yet."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a person adds to an answer."""

    parts: Mapping[str, Sequence[str]]
    """Parts that cannot be worked out, paragraph by paragraph."""
    delivery: tuple[str, ...] = ()
    """How the data itself is handed over."""
    notes: tuple[str, ...] = ()
    by_hand: bool = False
    """The answer is handed over by a person; no letter is queued."""


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
class _Draft:
    """A letter before it is written."""

    kind: str
    data: dict[str, object]
    missing: tuple[Demanded, ...] = ()


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
        draft = _draft(work, held, said, [one.name for one in told])
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
    case = desk.read(id)
    if not case.outcome:
        raise Refused(f"{case.reference} was not decided: there is no answer yet.")
    contents = desk.contents(case)
    with desk.at_work() as work:
        held = _held(work, case, contents)
        told = [one.name for one in _to_tell(work.ledger, case, held) if one.contact]
        draft = _draft(work, held, said, told)
        if draft.missing:
            raise BadInput([_absent(one) for one in draft.missing])
        return plain.render(request_letters.written(work, case, contents, draft.kind, draft.data))


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


def demanded(case: Case) -> tuple[Demanded, ...]:
    """Return what the answer must hold, as the request was decided."""
    grants = answers.answer(case) if case.outcome in deciding.GRANTS else ()
    refuses = answers.refusal(case) if case.outcome in {"refused", "partial"} else ()
    return tuple({one.part: one for one in (*grants, *refuses)}.values())


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


def _draft(work: Work, held: Held, said: Said, told: list[str]) -> _Draft:
    case = held.case
    placed = case.last("restricted")
    if placed is not None and "restriction" in placed.body:
        said = replace(said, notes=(*said.notes, ENDS))
    match case.outcome:
        case "nothing-held":
            return _nothing(held, said)
        case "refused":
            return _refusal(work, held, said)
        case "unverified":
            return _unverified(held, said)
        case _:
            return _granted(work, held, said, told)


def _granted(work: Work, held: Held, said: Said, told: list[str]) -> _Draft:
    kind = held.case.kind
    if kind.name in planning.EXPORTS:
        return _access(work, held, said)
    if kind.name == "erase":
        return _erasure(work, held, said, told)
    if kind.name in {"complain", "appeal", "automated-decision"}:
        return _decision(held, said)
    done = work_done(kind.name)
    data: dict[str, object] = {"done": done, "since": work.now.date(), "told": told or None}
    if held.case.outcome == "partial":
        return _partly(work, held, said, done)
    return _Draft(kind="confirmation", data=_noted(data, said))


def work_done(kind: str) -> list[str]:
    """Say what was done about a kind of request."""
    says = {
        "rectify": "We corrected the data, and every copy of it that we know of.",
        "restrict": "We restricted the use of your data: it is kept, and used only for what the law allows.",
        "object": "We stopped the use you objected to.",
        "object-marketing": "We stopped marketing to you. We keep only what is needed to know that.",
        "withdraw": "We stopped what rested on your consent. What was done before stays lawful.",
        "opt-out-sale": "We do not sell or share your data any more.",
        "limit-sensitive": "We use your sensitive data only for what the law allows.",
        "opt-out-automated": "We do not use your data for automated decisions or profiling any more.",
    }
    return [says[kind]]


def _access(work: Work, held: Held, said: Said) -> _Draft:
    wanted = demanded(held.case)
    made = parts.sections(held, work.ledger, said.parts)
    mine = [one for one in made if any(one.part == want.part for want in wanted)]
    ways = parts.routes(held, said.parts, [one.part for one in wanted])
    enclosed = said.delivery or said.parts.get("copy") or _nothing_enclosed(wanted)
    written = [one.part for one in mine] + [one.part for one in ways]
    absent = answers.missing(wanted, written + _in_letter(held))
    if not enclosed:
        absent = (*absent, Demanded(part="copy", by=("say with --delivery how the data is handed over",)))
    data: dict[str, object] = {
        "enclosed": list(enclosed) or None,
        "contents": mine or None,
        "withheld": _withheld(work, held) or None,
        "routes": ways or None,
    }
    if not ways:
        data["routes"] = parts.routes(held, said.parts, ["authority", "controller-complaint"])
    return _Draft(kind="answer-access", data=_noted(data, said), missing=absent)


def _nothing_enclosed(wanted: Sequence[Demanded]) -> tuple[str, ...]:
    """Say that the letter is all there is, where the law wants no copy."""
    return (
        ()
        if any(one.part == "copy" for one in wanted)
        else ("This letter is our answer; nothing comes with it.",)
    )


def _erasure(work: Work, held: Held, said: Said, told: list[str]) -> _Draft:
    case, done = held.case, held.case.last("done")
    text = _text(work, case, "done")
    partial = case.outcome == "partial"
    if partial and not _rows(text, "gone"):
        return _all_stays(work, held, said, text)
    wanted = demanded(case)
    asked = [one.part for one in answers.refusal(case)] if partial else []
    ways = parts.routes(held, said.parts, asked)
    written = [one.part for one in ways] + _in_letter(held) + ["record-kept"]
    data: dict[str, object] = {
        "gone": _gone(held, text) or ["Everything about you in our systems."],
        "backups": _backups(text),
        "kept": _kept(work, held, text) if partial else None,
        "told": told or None,
        "record": "We keep a record of your request and of our answer, and use it for nothing else.",
        "certificate": done.body.get("certificate") if done else None,
        "routes": ways or None,
    }
    notes = list(said.notes)
    if any(one.part == "only-for-that" for one in wanted) and partial:
        notes.append("What stays is used for its reason and for nothing else.")
    return _Draft(
        kind="answer-erasure",
        data=_noted(data, replace(said, notes=tuple(notes))),
        missing=answers.missing(wanted, written),
    )


def _all_stays(work: Work, held: Held, said: Said, text: Mapping[str, Any]) -> _Draft:
    """Answer an erasure of which everything stays: what a refusal says, with what stays and until when."""
    later = "When its reason ends, it is erased. You need not ask again."
    made = _refusal(work, held, replace(said, notes=(*said.notes, later)))
    return replace(made, data={**made.data, "reasons": _kept(work, held, text)})


def _refusal(work: Work, held: Held, said: Said) -> _Draft:
    wanted = answers.refusal(held.case)
    ways = parts.routes(held, said.parts, [one.part for one in wanted])
    absent = answers.missing(wanted, [one.part for one in ways] + _in_letter(held))
    data: dict[str, object] = {"reasons": _reasons(work, held), "routes": ways or _fallback(held, said)}
    return _Draft(kind="refusal", data=_noted(data, said), missing=absent)


def _unverified(held: Held, said: Said) -> _Draft:
    """Say that nothing is done because nobody knows who asks: with the routes that any refusal names."""
    wanted = [one for one in answers.refusal(held.case) if one.part not in IN_THE_LETTER]
    ways = parts.routes(held, said.parts, [one.part for one in wanted])
    data: dict[str, object] = {
        "why": "What you sent did not show that the data is yours.",
        "choices": ["You can ask again, with other proof."],
        "routes": ways or _fallback(held, said),
    }
    absent = answers.missing(wanted, [one.part for one in ways])
    return _Draft(kind="unverified", data=_noted(data, said), missing=absent)


def _partly(work: Work, held: Held, said: Said, done: list[str]) -> _Draft:
    wanted = answers.refusal(held.case)
    ways = parts.routes(held, said.parts, [one.part for one in wanted])
    absent = answers.missing(wanted, [one.part for one in ways] + _in_letter(held))
    data: dict[str, object] = {
        "done": done,
        "reasons": _reasons(work, held),
        "routes": ways or _fallback(held, said),
    }
    return _Draft(kind="partial-refusal", data=_noted(data, said), missing=absent)


def _nothing(held: Held, said: Said) -> _Draft:
    stores = held.project.datamap.stores
    searched = [f"{len(stores)} stores of data, {len(held.project.datamap.datasets)} collections in them"]
    searched.append("by what you gave us in your request")
    return _Draft(
        kind="nothing-held", data=_noted({"searched": searched, "routes": _fallback(held, said)}, said)
    )


def _decision(held: Held, said: Said) -> _Draft:
    data: dict[str, object] = {
        "outcome": {"granted": "We agree with you.", "partial": "We agree with you in part."}[
            held.case.outcome
        ],
        "because": list(said.parts.get("reasons", ())) or None,
        "routes": _fallback(held, said),
    }
    absent = (
        () if data["because"] else (Demanded(part="reasons", by=("the answer to a complaint says why",)),)
    )
    return _Draft(kind="decision", data=_noted(data, said), missing=absent)


def _fallback(held: Held, said: Said) -> object:
    return parts.routes(held, said.parts, ["authority", "controller-complaint"]) or None


def _noted(data: dict[str, object], said: Said) -> dict[str, object]:
    return {
        name: value
        for name, value in {**data, "notes": list(said.notes) or None}.items()
        if value is not None
    }


def _in_letter(held: Held) -> list[str]:
    """Parts that the letter itself is, once it has reasons."""
    codes = _codes(held.case)
    if not codes:
        return []
    rules = all(one.rules or one.code in deciding.PLAIN for one in deciding.reasons(held.case, codes))
    return ["reasons", "rest-done", "only-for-that", *(["basis"] if rules else [])]


def _codes(case: Case) -> tuple[str, ...]:
    decided = case.last("decided")
    return tuple(decided.body.get("reasons", ())) if decided else ()  # type: ignore[arg-type]


def _reasons(work: Work, held: Held) -> list[Reason]:
    """Write the reasons of the decision; the facts behind them are ours, and stay sealed."""
    until = str(_text(work, held.case, "decided").get("until", ""))
    return [
        Reason(item=held.case.kind.request, because=one.says, law="; ".join(one.rules), until=until)
        for one in deciding.reasons(held.case, _codes(held.case))
    ]


def _kept(work: Work, held: Held, text: Mapping[str, Any]) -> list[Reason]:
    """Write what stays, by what it is and why, with its end or the day it is looked at again."""
    found: dict[tuple[str, str, str], Reason] = {}
    for dataset, fields, reason, detail, ends, review in _rows(text, "kept"):
        code = KEEPS.get(str(reason))
        if code is not None:
            why, rules = _ground(held, code, str(detail))
            what, until = _what(held, str(dataset), fields), _when(str(ends), str(review))
            found[what, why, until] = Reason(item=what, because=why, law="; ".join(rules), until=until)
    if found:
        return list(found.values())
    return [replace(one, until=one.until or "until the reason ends") for one in _reasons(work, held)]


def _ground(held: Held, code: str, detail: str) -> tuple[str, tuple[str, ...]]:
    """Say why something stays: a hold by the exceptions somebody decided on, a duty by the law that lets it stand."""
    if code == "hold":
        named = [one for one in deciding.reasons(held.case, _codes(held.case)) if one.rules]
        if named:
            return "; ".join(one.says for one in named), tuple(rule for one in named for rule in one.rules)
    given = deciding.reasons(held.case, [code])[0]
    if code != "statutory-duty":
        return given.says, given.rules
    rules = deciding.reasons(held.case, ["legal-obligation"])[0].rules
    told = detail and not REFERENCE.fullmatch(detail)
    return (f"{given.says} ({_words(detail)})" if told else given.says), rules


def _when(ends: str, review: str) -> str:
    if ends:
        return ends
    return f"looked at again on {review[:10]}" if review else "until the reason ends"


def _words(text: str) -> str:
    return text.replace("-", " ").replace("retention.", "")


def _gone(held: Held, text: Mapping[str, Any]) -> list[str]:
    found: dict[str, None] = {}
    for dataset, fields, _ in _rows(text, "gone"):
        found[_what(held, str(dataset), fields)] = None
    return [f"{one[:1].upper()}{one[1:]}." for one in found]


def _what(held: Held, dataset: str, fields: Sequence[str]) -> str:
    """Say what a dataset or some of its fields are, as the policy names it."""
    mapped = held.project.datamap.datasets.get(dataset)
    if mapped is None:
        return dataset.rpartition(".")[2].replace("_", " ")
    columns = set(fields)
    named = [c for c, own in mapped.fields.items() if not columns or any(one.name in columns for one in own)]
    what = ", ".join(map(held.called, named or mapped.fields))
    return f"{what} ({dataset.rpartition('.')[2].replace('_', ' ')})"


def _backups(text: Mapping[str, Any]) -> date | str:
    """Say when no backup holds it; what nobody can say is not denied."""
    said = str(text.get("backups") or "")
    if day := doing.GONE_BY.match(said):
        return date.fromisoformat(day[1])
    return NO_COPY if said == str(LastCopy(day=None, sets=0)) else UNKNOWN_COPY


def _withheld(work: Work, held: Held) -> list[Reason]:
    made = _text(work, held.case, "planned")
    found = []
    for dataset, why in (made.get("withheld") or {}).items():
        found += [
            Reason(item=_what(held, str(dataset), []), because=str(reason).replace("-", " "))
            for reason in why
        ]
    left = made.get("left_out") or {}
    found += [Reason(item=_what(held, str(name), []), because=str(why)) for name, why in left.items()]
    return list(dict.fromkeys(found))


def _text(work: Work, case: Case, kind: str) -> Mapping[str, Any]:
    event = case.last(kind)
    return (work.ledger.cases.text(case.id, event.number) if event and event.has_text else None) or {}


def _rows(text: Mapping[str, Any], name: str) -> list[list[Any]]:
    found: list[list[Any]] = text.get(name) or []
    return found


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
    gone = dict.fromkeys(str(row[0]) for row in _rows(text, "gone"))
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

"""The letter that answers a request: one draft for each way it can be decided, with every part the laws demand.

A draft says what is missing; whether it goes is decided by `answering`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from troth.app.casework import contents as parts
from troth.app.casework import planning, wording
from troth.app.casework.contents import Held
from troth.app.requests.opening import Work
from troth.cases import answers, deciding
from troth.cases.answers import Demanded
from troth.cases.case import Case

IN_THE_LETTER = frozenset({"reasons", "basis", "rest-done", "only-for-that"})
"""Parts of a refusal that its reasons and notes are."""

ENDS = "Until now the use of your data was restricted; with our decision that restriction ends."
"""What a person must know of the end of a restriction (GDPR Art. 18(3))."""


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
class Draft:
    """A letter before it is written."""

    kind: str
    data: dict[str, object]
    missing: tuple[Demanded, ...] = ()


def draft(work: Work, held: Held, said: Said, told: list[str]) -> Draft:
    """Write the letter that answers a request, as it was decided."""
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


def _granted(work: Work, held: Held, said: Said, told: list[str]) -> Draft:
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
    return Draft(kind="confirmation", data=_noted(data, said))


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


def _access(work: Work, held: Held, said: Said) -> Draft:
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
        "withheld": wording.withheld(work, held) or None,
        "routes": ways or None,
    }
    if not ways:
        data["routes"] = parts.routes(held, said.parts, ["authority", "controller-complaint"])
    return Draft(kind="answer-access", data=_noted(data, said), missing=absent)


def _nothing_enclosed(wanted: Sequence[Demanded]) -> tuple[str, ...]:
    """Say that the letter is all there is, where the law wants no copy."""
    return (
        ()
        if any(one.part == "copy" for one in wanted)
        else ("This letter is our answer; nothing comes with it.",)
    )


def _erasure(work: Work, held: Held, said: Said, told: list[str]) -> Draft:
    case, done = held.case, held.case.last("done")
    text = wording.sealed(work, case, "done")
    partial = case.outcome == "partial"
    if partial and not wording.rows(text, "gone"):
        return _all_stays(work, held, said, text)
    wanted = demanded(case)
    asked = [one.part for one in answers.refusal(case)] if partial else []
    ways = parts.routes(held, said.parts, asked)
    written = [one.part for one in ways] + _in_letter(held) + ["record-kept"]
    data: dict[str, object] = {
        "gone": wording.gone(held, text) or ["Everything about you in our systems."],
        "backups": wording.backups(text),
        "kept": wording.kept(work, held, text) if partial else None,
        "told": told or None,
        "record": "We keep a record of your request and of our answer, and use it for nothing else.",
        "certificate": done.body.get("certificate") if done else None,
        "routes": ways or None,
    }
    notes = list(said.notes)
    if any(one.part == "only-for-that" for one in wanted) and partial:
        notes.append("What stays is used for its reason and for nothing else.")
    return Draft(
        kind="answer-erasure",
        data=_noted(data, replace(said, notes=tuple(notes))),
        missing=answers.missing(wanted, written),
    )


def _all_stays(work: Work, held: Held, said: Said, text: Mapping[str, Any]) -> Draft:
    """Answer an erasure of which everything stays: what a refusal says, with what stays and until when."""
    later = "When its reason ends, it is erased. You need not ask again."
    made = _refusal(work, held, replace(said, notes=(*said.notes, later)))
    return replace(made, data={**made.data, "reasons": wording.kept(work, held, text)})


def _refusal(work: Work, held: Held, said: Said) -> Draft:
    wanted = answers.refusal(held.case)
    ways = parts.routes(held, said.parts, [one.part for one in wanted])
    absent = answers.missing(wanted, [one.part for one in ways] + _in_letter(held))
    data: dict[str, object] = {
        "reasons": wording.reasons(work, held),
        "routes": ways or _fallback(held, said),
    }
    return Draft(kind="refusal", data=_noted(data, said), missing=absent)


def _unverified(held: Held, said: Said) -> Draft:
    """Say that nothing is done because nobody knows who asks: with the routes that any refusal names."""
    wanted = [one for one in answers.refusal(held.case) if one.part not in IN_THE_LETTER]
    ways = parts.routes(held, said.parts, [one.part for one in wanted])
    data: dict[str, object] = {
        "why": "What you sent did not show that the data is yours.",
        "choices": ["You can ask again, with other proof."],
        "routes": ways or _fallback(held, said),
    }
    absent = answers.missing(wanted, [one.part for one in ways])
    return Draft(kind="unverified", data=_noted(data, said), missing=absent)


def _partly(work: Work, held: Held, said: Said, done: list[str]) -> Draft:
    wanted = answers.refusal(held.case)
    ways = parts.routes(held, said.parts, [one.part for one in wanted])
    absent = answers.missing(wanted, [one.part for one in ways] + _in_letter(held))
    data: dict[str, object] = {
        "done": done,
        "reasons": wording.reasons(work, held),
        "routes": ways or _fallback(held, said),
    }
    return Draft(kind="partial-refusal", data=_noted(data, said), missing=absent)


def _nothing(held: Held, said: Said) -> Draft:
    stores = held.project.datamap.stores
    searched = [f"{len(stores)} stores of data, {len(held.project.datamap.datasets)} collections in them"]
    searched.append("by what you gave us in your request")
    return Draft(
        kind="nothing-held", data=_noted({"searched": searched, "routes": _fallback(held, said)}, said)
    )


def _decision(held: Held, said: Said) -> Draft:
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
    return Draft(kind="decision", data=_noted(data, said), missing=absent)


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
    codes = wording.codes(held.case)
    if not codes:
        return []
    rules = all(one.rules or one.code in deciding.PLAIN for one in deciding.reasons(held.case, codes))
    return ["reasons", "rest-done", "only-for-that", *(["basis"] if rules else [])]


def demanded(case: Case) -> tuple[Demanded, ...]:
    """Return what the answer must hold, as the request was decided."""
    grants = answers.answer(case) if case.outcome in deciding.GRANTS else ()
    refuses = answers.refusal(case) if case.outcome in {"refused", "partial"} else ()
    return tuple({one.part: one for one in (*grants, *refuses)}.values())

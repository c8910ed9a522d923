"""The answer about one row as sentences for people: what happens, by which rules, what stands in the way, when.

Names datasets, columns, rules, holds and dates; of the row itself only the key that was typed.
"""

from __future__ import annotations

from collections.abc import Iterator

from troth.plan.explain_row import Part, State, Term, Why

_FATES = {
    "delete": "It is past its end: a plan made now deletes it.",
    "detach": "It is past its end: a plan made now cuts the link to its person and keeps the record.",
    "change": "Some of its fields are past their end: a plan made now empties them.",
    "stay": "It stays: nothing in it is past its end and still there.",
    "unknown-controller": "It does not say for whom it is held, so no plan touches it: a person decides.",
    "other-controller": "It is held for somebody else, so no rule of ours touches it.",
}


def sentences(why: Why) -> Iterator[str]:
    """Say it for people: what happens now, by which rules, what stands in the way, and when the row goes."""
    if not why.found:
        yield f"No row of {why.dataset} has the key {why.key}."
        return
    if not why.parts:
        yield f"No rule looks at {why.dataset}: the data map gives it no field that a rule ends."
        return
    if why.fate == "hold":
        yield f"It stays because of {why.detail}."
    elif why.fate == "needed-by":
        yield f"It is past its end and stays because rows of {why.detail} still need it."
        if any(part.state == "expired" for part in why.parts):
            yield "What has ended in it is emptied meanwhile."
    elif why.fate == "stay" and all(part.unproven for part in why.parts):
        yield "It stays, and nobody can say for how long: its rules cannot be carried out."
    else:
        yield _FATES[why.fate]
    for part in why.parts:
        yield from _of_part(part)
    for hold in why.holds:
        review = f", to be looked at again on {hold.review}" if hold.review else ""
        yield f"{hold.id} ({hold.ground}) covers it{review}."
    for dataset in why.needed_by if why.fate != "needed-by" else ():
        yield f"Rows of {dataset} need it."
    yield _last(why)


def _last(why: Why) -> str:
    if why.fate in ("other-controller", "unknown-controller"):
        return "When it goes is not ours to say."
    if why.goes is None:
        kept = {
            "keep-row": "The row itself stays: its personal fields are emptied as they end.",
            "keep-without-person": "The record itself stays; its link to the person goes with the last field.",
            "delete-row": "When the row goes cannot be said yet.",
        }
        return kept.get(
            why.on_expiry, "The data map does not say what becomes of the row once its fields have ended."
        )
    day = why.goes.isoformat()
    if why.goes >= why.at.date():
        return f"The row goes after {day}, unless a hold or another row still keeps it then."
    without = "Without that the row would" if why.fate in ("hold", "needed-by") else "The row should"
    return f"{without} have gone after {day}."


def _of_part(part: Part) -> Iterator[str]:
    names = ", ".join(part.fields)
    if part.unproven:
        yield f"{names}: rule {part.rule} cannot be carried out: {part.unproven}."
        return
    for term in part.terms:
        yield f"{names}: {_of_term(term, part.state)}"


def _of_term(term: Term, state: State) -> str:
    what = f"{term.promise} counts {term.period} after {term.event}" if term.period else term.promise
    if not term.event:
        return f"{term.promise} never ends it."
    if not term.period:
        what = f"{term.promise} lasts until {term.event}"
    if term.began is None:
        reason = "has a date that cannot be read" if state == "unreadable" else "has no date yet"
        return f"{what}, which {reason}: it has not started to end."
    came = f"{what}, which was {term.began.isoformat()} ({term.place})"
    if term.ends is None:
        return f"{came}."
    done = " Nothing of it is left that may go." if state == "gone" else ""
    return f"{came}: it ends with {term.ends.isoformat()} and must be gone within {term.act_within} after that.{done}"

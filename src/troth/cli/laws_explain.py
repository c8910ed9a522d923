"""`troth law explain CASE`: the laws of one request, why they count, and what each says of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from troth.cli import group as groups
from troth.cli import options, request_input, request_show, screen

if TYPE_CHECKING:
    from troth.app.requests.laws import Explained, OneLaw
    from troth.laws.model import Right


group = groups.make("Explain the laws of a request.")


@group.callback()
def law() -> None:
    """Explain the laws of a request."""


@group.command("explain", short_help="Explain the laws of a request.")
def explain(
    case: request_input.Case,
    project: options.Project = None,
    at: options.At = "",
    format: request_input.As = request_input.Format.TEXT,
) -> None:
    """Explain the laws of a request: why they count, each clock with its rules, and what they ask for."""
    from troth.app.requests import laws as request_laws

    session = options.begin(project)
    found = request_laws.explain(case, request_input.where(session), asked=session.moment(at).at)
    if format is request_input.Format.JSON:
        screen.write(json.dumps(_json(found), indent=1, ensure_ascii=False) + "\n")
    else:
        _say(found)


def _say(found: Explained) -> None:
    case = found.case
    screen.say(
        f"{case.reference}: {case.kind.says} ({case.kind.name}), received {case.received.date()}", "bold"
    )
    screen.say(request_show.act_by(found.dates))
    if found.note:
        screen.say(found.note, "yellow")
    for one in found.laws:
        _law(one)
    screen.say()
    for heading, demanded in (("An answer must hold", found.answer), ("A refusal must hold", found.refusal)):
        screen.say(f"{heading}:", "bold")
        for part in demanded:
            screen.say(f"  {part.part}: {part.says} [{'; '.join(part.by) or 'good practice'}]")
    if found.authority:
        screen.say(f"People there can complain to: {found.authority.name}, {found.authority.contact}.")


def _law(one: OneLaw) -> None:
    screen.say()
    screen.say(f"{one.pack.law}: {one.pack.name}", "bold")
    screen.say(f"  Counts, for: {one.why}.")
    request_show.clocks(one.clocks, () if one.clocks else (one.pack.law,))
    if one.right is None:
        screen.say("  It does not give this right.", "yellow")
    for heading, said in _right(one.right) if one.right else ():
        screen.say(f"  {heading}: {said}")
    for excuse in one.excuses:
        screen.say(f"  May be refused as {excuse.code}: {excuse.says} [{excuse.article}; {excuse.sure}]")
    for duty in one.duties:
        screen.say(f"  Also, {duty.topic}: {duty.says} [{duty.article}; {duty.sure}]")
    for text in one.open:
        screen.say(f"  Not settled: {text}", "dim")


def _right(right: Right) -> list[tuple[str, str]]:
    mark = f" [{right.article}; {right.sure}]"
    rows = [("The right", f"{right.right}{mark}")]
    if right.identity:
        note = f" ({right.identity.note})" if right.identity.note else ""
        rows.append(("Proof of identity", f"{LEVELS[right.identity.level]}{note}"))
    free = right.free
    counted = f" {free.times} in {free.within} [{free.article}; {free.sure}]." if free else ""
    for heading, said in (
        ("Who else may ask", "; ".join(right.who)),
        ("Fee", f"{right.fee}{counted}"),
        ("Where", "; ".join(right.when)),
        ("Exceptions", "; ".join(right.unless)),
        ("An answer holds", "; ".join(right.answer_holds)),
        ("A refusal holds", "; ".join(right.refusal_holds)),
        ("Note", right.note),
    ):
        if said:
            rows.append((heading, said))
    return rows


LEVELS = {
    "none-allowed": "none may be asked for",
    "doubt-only": "only where there is reasonable doubt",
    "reasonable": "reasonable: two points of data",
    "reasonably-high": "reasonably high: three points of data and a signed declaration",
    "by-risk": "by the harm a mistake would do",
    "parent": "that it is a parent",
}


def _json(found: Explained) -> dict[str, Any]:
    return {
        "format": "troth.law/1",
        "case": found.case.id,
        "right": found.case.kind.name,
        "act-by": found.dates.safe.isoformat(),
        "under": found.dates.law or None,
        "note": found.note or None,
        "answer-holds": [{"part": one.part, "by": list(one.by)} for one in found.answer],
        "refusal-holds": [{"part": one.part, "by": list(one.by)} for one in found.refusal],
        "authority": {"name": found.authority.name, "contact": found.authority.contact}
        if found.authority
        else None,
        "laws": [
            {
                "law": one.pack.law,
                "why": one.why,
                "right": one.right.model_dump(mode="json", by_alias=True, exclude_defaults=True)
                if one.right
                else None,
                "clocks": [request_show.clock(each) for each in one.clocks],
                "refusable-for": [excuse.code for excuse in one.excuses],
                "duties": [
                    duty.model_dump(mode="json", by_alias=True, exclude_defaults=True) for duty in one.duties
                ],
                "open": list(one.open),
            }
            for one in found.laws
        ],
    }

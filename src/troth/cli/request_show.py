"""How requests are shown: tables for people, JSON for programs; nothing of a person without a reason."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from troth.cli import screen

if TYPE_CHECKING:
    from troth.app.requests.opening import Changed, Opened
    from troth.app.requests.views import Read, Row, Shown
    from troth.cases.case import Case
    from troth.cases.clocks import Dates
    from troth.laws.due import Clocked

FORMAT = "troth.request/1"
LIST_FORMAT = "troth.requests/1"


def rows(found: Sequence[Row]) -> None:
    """Show the list."""
    if not found:
        screen.say("No request is open.")
        return
    headings = ("case", "right", "state", "time", "days", "act by", "legal end", "under", "received", "for")
    screen.table(headings, (_row(one) for one in found), right=(0, 4))
    overdue = sum(1 for one in found if one.left.word == "overdue")
    if overdue:
        screen.say(f"Overdue: {screen.number(overdue)}.", "bold red")


def _row(one: Row) -> tuple[str, ...]:
    record = one.record
    whom = {"agent": "by agent", "parent": "by parent"}.get(record.whom, "")
    role = "" if record.role == "controller" else record.role
    return (
        str(record.id),
        record.kind,
        record.state,
        one.left.word,
        str(one.left.days) if one.left.word not in {"answered", "closed", "elsewhere"} else "",
        f"{record.safe_due:%Y-%m-%d %H:%MZ}",
        str(one.legal or "-"),
        f"{record.due_law or 'no law'}{' (own day)' if record.own_target else ''}",
        str(one.received),
        ", ".join(part for part in (role, whom, "child" if record.child else "") if part),
    )


def rows_json(found: Sequence[Row]) -> None:
    """Write the list for programs."""
    listed = [
        {
            "case": one.record.id,
            "right": one.record.kind,
            "state": one.record.state,
            "outcome": one.record.outcome or None,
            "time": one.left.word,
            "days-left": one.left.days,
            "act-by": _instant(one.record.safe_due),
            "legal-end": _instant(one.record.legal_due),
            "under": one.record.due_law or None,
            "own-day": one.record.own_target,
            "laws": list(one.record.laws),
            "received": _instant(one.record.received_at),
            "role": one.record.role,
            "whom": one.record.whom,
            "child": one.record.child,
            "together-with": one.record.together_with,
            "events": one.record.events_kept,
        }
        for one in found
    ]
    screen.write(json.dumps({"format": LIST_FORMAT, "requests": listed}, indent=1) + "\n")


def opened(found: Opened) -> None:
    """Show what was opened."""
    for case, dates in zip(found.cases, found.dates, strict=True):
        screen.say(f"{case.reference}: {case.kind.name}, {act_by(dates)}.", "bold")
    for one in found.chosen:
        screen.say(f"  {one.law}: {one.why}")
    for note in found.notes:
        screen.say(f"  {note}", "yellow")
    if found.letter:
        screen.say(f"The acknowledgement waits in the outbox ({found.letter}).")


def changed(found: Changed) -> None:
    """Show a request after a step."""
    case = found.case
    screen.say(f"{case.reference} is {case.state}; {act_by(found.dates)}.", "bold")
    if found.dates.safe != found.before.safe:
        screen.say(f"  Until now it was {found.before.safe:%Y-%m-%d %H:%MZ}.")
    if found.letter:
        screen.say(f"  The letter waits in the outbox ({found.letter}).")
    for note in found.notes:
        screen.say(f"  {note}", "yellow")


def changed_json(found: Changed) -> None:
    """Write a request after a step for programs."""
    screen.write(json.dumps(_head(found.case, found.dates), indent=1) + "\n")


def opened_json(found: Opened) -> None:
    """Write what was opened for programs."""
    whole = {
        "format": FORMAT,
        "requests": [_head(case, dates) for case, dates in zip(found.cases, found.dates, strict=True)],
        "laws": [{"law": one.law, "why": one.why} for one in found.chosen],
        "notes": list(found.notes),
        "others": list(found.others),
        "letter": found.letter or None,
    }
    screen.write(json.dumps(whole, indent=1) + "\n")


def shown(found: Shown) -> None:
    """Show one request."""
    case = found.case
    screen.say(f"{case.reference}: {case.kind.says} ({case.kind.name})", "bold")
    outcome = f", {case.outcome}" if case.outcome else ""
    screen.say(f"{case.state}{outcome}; {found.left.word}; {act_by(found.dates)}.", _style(found))
    lives = "residence unknown" if case.residence == "unknown" else f"lives in {case.residence}"
    who = {"self": "asked by the person", "agent": "asked by an agent", "parent": "asked by a parent"}[
        case.whom
    ]
    screen.say(f"Received {case.received.isoformat(timespec='minutes')}; {who}; {lives}; we are {case.role}.")
    clocks((*found.dates.clocks, *found.dates.beside), found.dates.silent)
    _history(found)
    _around(found)
    for one in found.missing:
        screen.say(f"To do: {one}", "yellow")
    screen.say(f"May come now: {', '.join(found.allowed)}.", "dim")
    if found.forgotten:
        screen.say("What it says of the person was destroyed.", "dim")


def clocks(found: Sequence[Clocked], silent: Sequence[str]) -> None:
    """Show clocks with their trace."""
    for one in found:
        screen.say(f"  {one.pack.law} {one.event}: legal {one.legal}, safe {one.safe}")
        for step in one.trace:
            mark = f" [{step.article}; {step.sure}]" if step.article else ""
            screen.say(f"    {step.says}{mark}", "dim")
    for law in silent:
        screen.say(f"  {law} has no term for it.", "yellow")


def _history(found: Shown) -> None:
    rows = [
        (
            str(event.number),
            f"{event.at.isoformat(timespec='minutes')}",
            event.kind,
            ", ".join(f"{name} {_value(value)}" for name, value in event.body.items()),
            found.staff.get(event.by, "system") if event.by else "system",
            "sealed text" if event.has_text else "",
        )
        for event in found.case.events
    ]
    screen.table(("#", "happened", "event", "says", "by", ""), rows, right=(0,))


def _around(found: Shown) -> None:
    if found.together:
        screen.say(f"Of the same message: {', '.join(one.reference for one in found.together)}.")
    if found.others:
        names = (f"{one.reference} ({one.kind}, {one.state})" for one in found.others)
        screen.say(f"Of the same person: {', '.join(names)}.")
    for one in found.counted:
        mark = f"{one.free.article}; {one.free.sure}"
        says = f"{one.law}: number {one.number} within {one.free.within}, {one.free.times} are free [{mark}]."
        screen.say(says, "yellow" if one.above else "")
    for task in found.tasks:
        screen.say(f"Task {task.id}, {'done' if task.done_at else f'due {task.due}'}: {task.what}")
    for letter in found.letters:
        screen.say(f"{letter.reference}: {letter.kind} by {letter.channel}, {letter.state}")


def shown_json(found: Shown, contents: Read | None) -> None:
    """Write one request for programs."""
    case = found.case
    whole: dict[str, Any] = {
        **_head(case, found.dates),
        "time": found.left.word,
        "days-left": found.left.days,
        "allowed": list(found.allowed),
        "missing": list(found.missing),
        "clocks": [clock(one) for one in (*found.dates.clocks, *found.dates.beside)],
        "no-such-term": list(found.dates.silent),
        "events": [
            {
                "number": event.number,
                "event": event.kind,
                "happened": event.at.isoformat(),
                "recorded": _instant(event.recorded_at),
                "by": f"staff:{event.by}" if event.by else "system",
                "body": {name: _plain(value) for name, value in event.body.items()},
                "sealed": event.has_text,
            }
            for event in case.events
        ],
        "of-same-message": [one.id for one in found.together],
        "of-same-person": [one.id for one in found.others],
        "within-a-year": [one.id for one in found.earlier],
        "counted": [
            {"law": one.law, "number": one.number, "free": one.free.times, "within": str(one.free.within)}
            for one in found.counted
        ],
        "tasks": [{"id": t.id, "due": t.due.isoformat(), "done": bool(t.done_at)} for t in found.tasks],
        "letters": [{"id": one.id, "kind": one.kind, "state": one.state} for one in found.letters],
        "forgotten": found.forgotten,
    }
    if contents is not None:
        whole["contents"] = {
            name: getattr(contents.contents, name)
            for name in ("identities", "name", "reply_to", "text", "language", "agent", "controller")
        }
        whole["texts"] = [{"number": n, "event": kind, **text} for n, kind, text in contents.texts]
    screen.write(json.dumps(whole, indent=1, ensure_ascii=False) + "\n")


def contents(found: Read) -> None:
    """Show what is sealed of a request."""
    one = found.contents
    screen.say()
    for name, value in (("name", one.name), ("for the person", one.agent), ("reply to", one.reply_to)):
        if value:
            screen.say(f"{name}: {value}")
    screen.say(f"identities: {', '.join(one.identities)}")
    if one.text:
        screen.say(f"\n{one.text}\n")
    for number, kind, text in found.texts:
        for name, value in text.items():
            shown = "; ".join(map(str, value)) if isinstance(value, list) else str(value)
            screen.say(f"{number} {kind}, {name}: {shown}")


def _head(case: Case, dates: Dates) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "case": case.id,
        "right": case.kind.name,
        "state": case.state,
        "outcome": case.outcome or None,
        "received": case.received.isoformat(),
        "residence": case.residence,
        "place": case.here or None,
        "role": case.role,
        "whom": case.whom,
        "child": case.child,
        "together-with": case.together_with,
        "laws": list(case.laws),
        "act-by": _instant(dates.safe),
        "legal-end": _instant(dates.legal),
        "under": dates.law or None,
        "own-day": dates.own_target,
        "events-seen": len(case.events),
    }


def clock(one: Clocked) -> dict[str, Any]:
    """Return a clock for programs."""
    return {
        "law": one.pack.law,
        "event": one.event,
        "place": one.place,
        "legal": str(one.legal),
        "safe": str(one.safe),
        "trace": [{"rule": s.rule, "article": s.article, "sure": s.sure, "says": s.says} for s in one.trace],
    }


def act_by(dates: Dates) -> str:
    """Say by when to act, and under which law."""
    safe = f"act by {dates.safe:%Y-%m-%d %H:%MZ}"
    if dates.waiting:
        return f"{safe}; the legal term waits for the person ({dates.law})"
    legal = f", legal end {dates.legal:%Y-%m-%d %H:%MZ}" if dates.legal else ""
    under = f" under {dates.law}" if dates.law else ""
    return f"{safe}{' (a day of our own)' if dates.own_target else ''}{legal}{under}"


def _style(found: Shown) -> str:
    return screen.STYLES.get(found.left.word, "")


def _value(value: object) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    text = str(value)
    return text if len(text) <= 24 else f"{text[:12]}…"


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def _instant(at: datetime | None) -> str | None:
    return at.isoformat() if at else None

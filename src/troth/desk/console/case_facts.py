"""What an event of a case says in clear, in words: counts as sentences have them, codes as people call them. Pure.

Digests are cut short; counts of nothing are left out, but for what was found, which may be nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from troth.desk.console import case_words, spoken

CHANNELS: Mapping[str, str] = {
    "mail": "by e-mail",
    "phone": "by telephone",
    "letter": "by letter",
    "form": "through the privacy centre",
    "agent": "through an agent",
    "counter": "at the counter",
    "api": "from another system",
}
MEANS: Mapping[str, str] = {
    "login": "signed in to the account",
    "code": "a code to the address on file",
    "points": "facts that match",
    "declaration": "a signed declaration",
    "document": "a document",
    "authority": "a permission",
    "power-of-attorney": "a power of attorney",
    "parent": "what shows a parent",
    "no-doubt": "no reasonable doubt",
}
"""Proof of who asks, short enough for a line."""


def facts(kind: str, body: Mapping[str, object]) -> tuple[str, ...]:
    """Write what an event of a kind says, one phrase each."""
    say = {**_SAY, "rows": _found} if kind == "planned" else _SAY
    written = (say[name](found) if name in say else _plain(name, found) for name, found in body.items())
    pairs = _pair(body)
    return tuple(one for one in (*written, pairs) if one)


def _plain(name: str, found: object) -> str:
    return f"{name.replace('_', ' ')}: {case_words.value(found)}"


def _counted(one: str, many: str = "") -> Callable[[object], str]:
    def say(found: object) -> str:
        return f"{found:,} {one if found == 1 else many or f'{one}s'}" if found else ""

    return say


def _found(found: object) -> str:
    return "nothing found" if not found else f"{found:,} row{'' if found == 1 else 's'} found"


def _people(found: object) -> str:
    return f"{found:,} people" if isinstance(found, int) and found > 1 else ""


def _laws(found: object) -> str:
    return ", ".join(map(case_words.law, map(str, found))) if isinstance(found, list | tuple) else str(found)


def _day(before: str) -> Callable[[object], str]:
    def say(found: object) -> str:
        return f"{before} {spoken.day(date.fromisoformat(str(found)))}"

    return say


def _short(before: str) -> Callable[[object], str]:
    def say(found: object) -> str:
        return f"{before} {str(found).rpartition(':')[2][:12]}"

    return say


def _pair(body: Mapping[str, object]) -> str:
    """Say how many facts of those that were asked for match."""
    return f"{body['matched']} of {body['of']} facts match" if {"matched", "of"} <= set(body) else ""


def _nothing(_found: object) -> str:
    return ""


_SAY: Mapping[str, Callable[[object], str]] = {
    "channel": lambda found: CHANNELS.get(str(found), str(found)),
    "means": lambda found: MEANS.get(str(found), str(found).replace("-", " ")),
    "outcome": lambda found: case_words.DECIDED.get(str(found), str(found)),
    "letter": lambda found: spoken.spoken(str(found)),
    "hold": lambda found: spoken.spoken(str(found)),
    "restriction": lambda found: spoken.spoken(str(found)),
    "objection": lambda found: spoken.spoken(str(found)),
    "laws": _laws,
    "rows": _counted("row"),
    "kept": _counted("row stays, whole or in part", "rows stay, whole or in part"),
    "blocked": _counted("row not handed out", "rows not handed out"),
    "tasks": _counted("task for a person", "tasks for a person"),
    "stores": _counted("store"),
    "recipients": _counted("recipient"),
    "residues": _counted("row still there", "rows still there"),
    "people": _people,
    "due": _day("until"),
    "backups_gone_by": _day("gone from backups by"),
    "plan": _short("plan"),
    "package": _short("package"),
    "certificate": _short("certificate"),
    "justified": lambda found: "with good reason" if found else "without good reason",
    "matched": _nothing,
    "of": _nothing,
}

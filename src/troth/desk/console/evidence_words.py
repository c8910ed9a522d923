"""How entries of the evidence log read on a page: a short line, facts with names, a tone, and where they lead."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from django.urls import NoReverseMatch, reverse

from troth.app.screens.evidence import Line
from troth.evidence import kinds

OUTCOMES: Mapping[str, tuple[str, str]] = {
    "done": ("good", "Everything that was found is erased."),
    "kept": ("good", "Everything that was found is erased but what stays for a reason named in the plan."),
    "partial": (
        "soon",
        "Something is left: a residue, a store that was not looked at, or a task for a person.",
    ),
    "still-arriving": ("bad", "Rows about the people came faster than they were erased."),
    "failed": ("bad", "No store could be worked on."),
}
"""Tone and sentence of each outcome of an erasure."""
FIRST = (
    *("promise", "case", "right", "event", "hold", "ground", "letter", "kind", "store", "dataset", "action"),
    *("status", "outcome", "state", "reason", "backup", "use", "made_for", "guard", "staff", "role"),
)
"""Facts that tell an entry from the next one, in the order a short line names them."""
COUNTS = {
    "people": "person",
    "rows": "row",
    "batches": "batch",
    "steps": "step",
    "broken": "broken",
    "unproven": "unproven",
    "kept": "kept",
    "not_triggered": "not triggered",
    "residues": "residue",
    "tasks": "task",
}
"""Counts a short line names where they are not nothing, and how one of them is called."""
MOST = 4
GOOD = ("kept", "done", "clean", "good")
BAD = ("broken", "failed", "found", "partly", "still-arriving")


def called(kind: str) -> str:
    """Say what entries of a kind are about, with the name programs know it by."""
    known = kinds.ALL.get(kind)
    return f"{_first(known.says)} ({kind})" if known else kind


def first(line: Line) -> str:
    """Return the first thing an entry of this kind states; nothing of one that is not whole."""
    return _first(line.states) if line.whole else ""


def _first(states: str) -> str:
    return re.split(r"[;:.,] |\.$", states, maxsplit=1)[0]


def short(line: Line, titles: Mapping[str, str] = MappingProxyType({})) -> str:
    """Return the few facts that matter in a list; promises by their titles."""
    found = [
        titles.get(one, one) for name in FIRST if name in line.facts for one in (_value(line.facts[name]),)
    ]
    counts = [
        f"{_value(line.facts[name])} {one if line.facts[name] == 1 else name.replace('_', ' ')}"
        for name, one in COUNTS.items()
        if line.facts.get(name)
    ]
    return " · ".join([*found[:MOST], *counts[:MOST]])


def facts(found: Mapping[str, object], staff: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return every fact of an entry in words, staff by name."""
    told = []
    for name, value in found.items():
        words = _value(value)
        told.append((name.replace("_", " "), f"{staff[words]} ({words})" if words in staff else words))
    return told


def mark(line: Line) -> str:
    """Return the tone of an entry's status or outcome."""
    if not line.whole:
        return "bad"
    word = str(line.facts.get("status") or line.facts.get("outcome") or "")
    return "bad" if word in BAD else "good" if word in GOOD else ""


def tone(verdict: str) -> str:
    """Return the tone of a verdict."""
    if not verdict:
        return ""
    return "good" if verdict.startswith(("verified", "internally consistent")) else "bad"


def links(line: Line) -> list[tuple[str, str]]:
    """Return what an entry is about, as pages of the console."""
    found = []
    if "promise" in line.facts:
        found.append(("This promise", _address("promise", str(line.facts["promise"]))))
    case = str(line.facts.get("case", ""))
    if case.startswith("case:"):
        found.append(("This request", _address("case", case.partition(":")[2])))
    if line.kind == "erasure.finished":
        found.append(("As a certificate", _address("evidence-certificate", str(line.index))))
    return [(words, address) for words, address in found if address]


def _address(name: str, of: str) -> str:
    try:
        return reverse(f"console:{name}", args=[of])
    except NoReverseMatch:
        return ""


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(map(str, value))
    return str(value)

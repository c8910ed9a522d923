"""Draft a whole project from what looking at the stores showed: `troth.yaml` and `datamap.yaml` as text.

The draft loads without a fault. It never invents a promise: retention rules are left as comments to fill in,
and what is missing shows as findings when the project is linted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from troth.catalog.detect import Survey
from troth.catalog.draft import datamap, writing

_LABELS = {
    "identity": "Who somebody is",
    "contact": "How to reach somebody",
    "transaction": "What somebody bought or paid",
    "technical": "Addresses and identifiers of devices and sessions",
    "usage": "What somebody looked at or searched for",
    "communication": "What somebody wrote, or was written about them",
    "preference": "What somebody chose or agreed to",
    "location": "Where somebody was",
    "financial": "Cards, accounts and income",
    "special": "Special categories (GDPR Art. 9 and 10)",
}
_EVENT = {
    "transaction": "transaction.made",
    "financial": "transaction.made",
    "communication": "last.interaction",
    "technical": "last.interaction",
    "usage": "collected",
}
"""What a category's period mostly runs from; else the closing of the account."""
SHOWN = 110
"""Characters shown of a cited sentence."""


class Cited(Protocol):
    """A sentence of the published text, as `troth read` finds it."""

    @property
    def fingerprint(self) -> str:
        """Its fingerprint."""

    @property
    def kind_guess(self) -> str:
        """What it seems to promise."""

    @property
    def text(self) -> str:
        """Its words."""


def draft(
    surveys: Sequence[Survey],
    *,
    sentences: Sequence[Cited] | None = None,
    text_file: str = "",
    urls: Mapping[str, str] | None = None,
    name: str = "Your organisation",
) -> Mapping[str, str]:
    """Write the files of a project for stores nobody has described yet.

    Args:
        surveys: What looking at each store showed.
        sentences: The sentences of the published policy, to be cited beside the rules still to be written.
        text_file: The file they come from, as the project will name it.
        urls: What to write as `url` of each store; `${STORE_DB}` where nothing is given. Never pass a password.
        name: The organisation's name.

    Returns:
        File name → content, for `troth.yaml` and `datamap.yaml`.
    """
    drafted = datamap.write(surveys, urls=urls or {})
    used = sorted(drafted.categories)
    lines = [
        "# Drafted by `troth init`. Read it, correct it, then run `troth lint`.",
        "troth: 1",
        "include: [datamap.yaml]",
        "",
        "organisation:",
        f"  name: {writing.scalar(name)}",
        "  # laws: [eu-gdpr]            law packs you are bound by or claim",
        "  # timezone: Europe/Paris     whose calendar ends periods (UTC when left out)",
        "  # contacts: {privacy: privacy@example.org}",
        "",
    ]
    if text_file:
        lines += ["published:", f"  text: {writing.scalar(text_file)}", ""]
    lines += ["categories:" if used else "categories: {}"]
    for category in used:
        lines.append(f"  {category}: {{label: {writing.scalar(_LABELS.get(category, category))}}}")
    lines += ["", *_retention(used, sorted(drafted.events), sentences or ())]
    return {"troth.yaml": "\n".join(lines) + "\n", "datamap.yaml": drafted.text}


def _retention(used: Sequence[str], events: Sequence[str], sentences: Sequence[Cited]) -> list[str]:
    found = ", ".join(events) or "none yet"
    lines = [
        "# How long is each kind of data kept? Only your published policy can say: fill in and remove the `#`.",
        "# A rule ends the category of its name, or what the data map says is `kept-as` it (as `account`).",
        f"# Events that a column may date, by its name: {found}. Others need `anchors` in datamap.yaml.",
        "# retention:",
        "#   account: {for: … years, after: account.closed}",
    ]
    lines += [
        f"#   {category}: {{for: … years, after: {_EVENT.get(category, 'account.closed')}}}"
        for category in used
    ]
    about = [s for s in sentences if s.kind_guess.startswith(("retention", "erasure", "backup", "archive"))]
    if about:
        lines.append(
            "# Sentences of the text that seem to speak of keeping or deleting; cite them with `says:`."
        )
    lines += ["# " + f"{s.fingerprint}  {' '.join(s.text.split())[:SHOWN]}" for s in about]
    return lines

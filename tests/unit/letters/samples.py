"""Something to say for every datum of every kind of letter."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from troth.letters import kinds
from troth.letters.compose import compose
from troth.letters.kinds import Form
from troth.letters.model import Letter

REASON = {"item": "Invoices", "because": "tax law wants them", "law": "Art. 17(3)(b) GDPR", "until": "2032"}
ROUTE = {
    "part": "authority",
    "name": "Complain",
    "how": "Write to it.",
    "contact": "CNIL\nhttps://www.cnil.fr",
}
SECTION = {"part": "purposes", "heading": "Why we use it", "text": "Because.", "items": ["to ship"]}
TABLE = {"headings": ["who", "where"], "rows": [["MailRocket", "US"]]}
VALUES: Mapping[Form, Any] = {
    Form.TEXT: "a text",
    Form.DAY: date(2026, 1, 31),
    Form.WHEN: date(2026, 3, 1),
    Form.TEXTS: ["the first", "the second"],
    Form.REASONS: [REASON],
    Form.KEPT: [REASON],
    Form.ROUTES: [ROUTE],
    Form.SECTIONS: [SECTION, {"part": "recipients", "heading": "Who gets it", "table": TABLE}],
    Form.ORGANISATION: {"name": "Krämer & Söhne", "contact": "ds@kraemer.example", "address": ["Am Tor 1"]},
}


def said(kind: str, *, every: bool = True, **more: object) -> dict[str, object]:
    """Return data for a letter: every datum it takes, or those it must have."""
    data: dict[str, object] = {
        datum.name: VALUES[datum.form]
        for datum in kinds.of(kind).known.values()
        if datum.name != "demanded" and (every or datum.required)
    }
    return data | more


def letter(kind: str = "refusal", **more: object) -> Letter:
    """Write a letter with everything it can say."""
    return compose(kind, said(kind, **more))

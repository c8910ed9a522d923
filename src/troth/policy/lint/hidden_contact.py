"""A contact address that cannot be used: hidden by a web page's protection, or written so that it is none."""

from __future__ import annotations

import re
from collections.abc import Iterator

from troth.policy.lint.given import Given, Say
from troth.problems import Problem

HIDDEN = re.compile(r"\[\s*e-?mail\s*protected\s*\]|\(at\)|\[at\]|\bname at domain\b", re.IGNORECASE)
_USABLE = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+|https?://\S+|/\S*|\+?[\d\s()./-]{5,}")
_ADDRESS = re.compile(r"\d|,")
"""A postal address has a number or a comma."""


def find(given: Given) -> Iterator[Problem]:
    """Yield a finding for each such contact of the project, and for each such sentence of the text."""
    for use, value in given.policy.organisation.contacts.items():
        text = value.strip()
        if HIDDEN.search(text) or not (_USABLE.fullmatch(text) or _ADDRESS.search(text)):
            say = Say(
                f"The contact `{use}` is no address that mail, phone or browser can reach.",
                "Give an e-mail address, a phone number, a web address or a postal address.",
            )
            yield given.finding("hidden-contact", ("organisation", "contacts", use), say, f"contacts.{use}")
    for sentence in given.sentences:
        if HIDDEN.search(sentence.text):
            say = Say("The text hides a contact address.", "Publish the address itself.")
            yield given.remark("hidden-contact", sentence, say)

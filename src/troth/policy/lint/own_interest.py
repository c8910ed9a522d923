"""Disputes and fraud given as duties: they are interests of one's own, and weigh less than a duty."""

from __future__ import annotations

import re
from collections.abc import Iterator

from troth.policy.lint.given import Given, Say
from troth.problems import Problem

_OWN = re.compile(r"\b(?:disputes?|fraud|claims?|litigation)\b", re.IGNORECASE)
_DUTY = re.compile(r"\b(?:required by|legal requirements?|legally required|require[sd]? us)\b", re.IGNORECASE)
_HINT = "Make it a hold with an owner and a review date: `troth hold add`."


def find(given: Given) -> Iterator[Problem]:
    """Yield findings for rules that name such a ground, and for sentences that list it as required."""
    for name, rule in given.policy.retention.items():
        match = _OWN.search(rule.because)
        if match:
            say = Say(f"`{name}` calls {match[0]} a duty; it is an interest of your own.", _HINT)
            yield given.finding(
                "own-interest-as-duty", ("retention", name, "because"), say, f"retention.{name}"
            )
    for sentence in given.sentences:
        match = _OWN.search(sentence.text)
        if match and _DUTY.search(f"{sentence.lead_in} {'' if sentence.lead_in else sentence.text}"):
            say = Say(f"The text lists {match[0].lower()} among what is required.", _HINT, found=match[0])
            yield given.remark("own-interest-as-duty", sentence, say)

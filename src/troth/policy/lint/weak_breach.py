"""A breach notice that is only possible: "may attempt to notify", where a claimed law makes it a duty."""

from __future__ import annotations

import re
from collections.abc import Iterator

from troth.policy.lint.given import Given, Say
from troth.problems import Problem

_WEAK = re.compile(
    r"\b(?:may|might|can|could)\s+(?:also\s+)?(?:attempt|try|choose|notify|inform|contact|tell)\b",
    re.IGNORECASE,
)

_BREACH = re.compile(r"\b(?:security|data)\s+(?:\w+\s+)?breach", re.IGNORECASE)


def find(given: Given) -> Iterator[Problem]:
    """Yield a finding for each sentence about breaches that promises a notice weakly."""
    for sentence in given.sentences:
        match = _WEAK.search(sentence.text)
        if match and (sentence.kind_guess == "breach" or _BREACH.search(sentence.text)):
            say = Say(
                "The text only says that people may be told of a breach.",
                "Promise the notice.",
                found=match[0],
            )
            yield given.remark("weak-breach-promise", sentence, say)

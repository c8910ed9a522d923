"""Something called anonymous and unique at once, or not personal and about people (GDPR Recital 26, 30)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from troth.policy.lint.given import Given, Say
from troth.problems import Problem

_BOTH = re.compile(
    r"\banonym\w+(?:\W+\w+){0,3}\W+(?:unique|identif\w+)|\bunique(?:\W+\w+){0,3}\W+anonym\w+|"
    r"\bnon-?personal\b[^.]{0,80}\bIP address|"
    r"\bnon-?personal\s+(?:data|information)\s+about\s+(?:you\b|(?:our\s+)?(?:users?|visitors?|individuals?|people)\b)",
    re.IGNORECASE,
)


def find(given: Given) -> Iterator[Problem]:
    """Yield a finding for each sentence with the two adjectives side by side."""
    for sentence in given.sentences:
        match = _BOTH.search(sentence.text)
        if match:
            say = Say(
                "What is about a person, or unique to one, is personal.",
                "Treat it as personal.",
                found=match[0],
            )
            yield given.remark("contradictory-adjective", sentence, say)

"""A closed list of grounds that one of its items opens again: whatever is "permitted by law"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from troth.policy.lint.given import Given, Say
from troth.problems import Problem

_OPEN = re.compile(
    r"\b(?:permitted|allowed|authori[sz]ed)\s+(?:by|under)\s+(?:any\s+|the\s+|applicable\s+)*laws?\b",
    re.IGNORECASE,
)


def find(given: Given) -> Iterator[Problem]:
    """Yield a finding for each sentence that rests on what the law merely permits."""
    for sentence in given.sentences:
        match = _OPEN.search(sentence.text)
        if match:
            say = Say(
                "The text rests on whatever the law permits.",
                "Name the rule that limits it.",
                found=match[0],
            )
            yield given.remark("open-ended-ground", sentence, say)

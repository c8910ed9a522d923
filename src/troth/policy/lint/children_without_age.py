"""A promise about children without an age (GDPR Art. 8: 13 to 16 by member state; COPPA: 13)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from troth.policy.lint.given import Given, Say
from troth.problems import Problem

_AGE = re.compile(r"\b(?:1[0-9]|2[01]|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen)\b", re.IGNORECASE)
_CHILD = re.compile(r"\b(?:child|children|minors?)\b", re.IGNORECASE)


def find(given: Given) -> Iterator[Problem]:
    """Yield one finding when the text speaks of children and never says up to which age."""
    about = [s for s in given.sentences if s.kind_guess == "children" or _CHILD.search(s.text)]
    if about and not any(_AGE.search(sentence.text) for sentence in about):
        say = Say("The text speaks of children and gives no age.", "Say up to which age the promise holds.")
        yield given.remark("children-without-age", about[0], say)

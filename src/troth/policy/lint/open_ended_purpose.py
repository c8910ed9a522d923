"""A purpose that takes in everything: it names no category, or its label says "other purposes".

Purposes are specified and explicit (GDPR Art. 5(1)(b)).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from troth.policy.lint.given import Given, Say
from troth.problems import Problem

_OPEN = re.compile(
    r"\b(?:any|other)\s+(?!such\b)(?:\w+\s+){0,2}(?:purposes?|uses?|reasons?)\b",
    re.IGNORECASE,
)


def find(given: Given) -> Iterator[Problem]:
    """Yield a finding for each open-ended purpose, in the rules and in the text."""
    for name, purpose in given.policy.purposes.items():
        if not purpose.uses:
            say = Say(f"The purpose `{name}` uses no category.", "List the categories it reads under `uses`.")
            yield given.finding("open-ended-purpose", ("purposes", name), say)
        elif _OPEN.search(purpose.label):
            say = Say(f"The purpose `{name}` is open-ended.", "Name what the data is used for.")
            yield given.finding("open-ended-purpose", ("purposes", name), say)
    for sentence in given.sentences:
        match = _OPEN.search(sentence.text)
        if match and sentence.kind_guess in ("purpose", "cookie", "sharing", "lawful-basis"):
            say = Say("The text claims an open-ended purpose.", "Name the purposes.", found=match[0])
            yield given.remark("open-ended-purpose", sentence, say)

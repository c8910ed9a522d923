"""A date of the text that can be read two ways: 04/09/2023 is April in one country, September in another."""

from __future__ import annotations

import re
from collections.abc import Iterator

from troth.policy.lint.given import Given, Say
from troth.problems import Problem

_DATE = re.compile(r"\b(?P<first>\d{1,2})(?P<mark>[/.-])(?P<second>\d{1,2})(?P=mark)(?P<year>\d{4}|\d{2})\b")


def find(given: Given) -> Iterator[Problem]:
    """Yield a finding for each date whose day and month can change places, in sentences and headings."""
    for sentence in given.sentences:
        for match in _DATE.finditer(sentence.text):
            first, second = int(match["first"]), int(match["second"])
            if 1 <= first <= 12 and 1 <= second <= 12 and first != second:
                say = Say("This date can be read two ways.", "Write it as 2025-05-23.", found=match[0])
                yield given.remark("ambiguous-date", sentence, say)

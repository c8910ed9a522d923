"""A section cited by a number that is not there, or that is about something else."""

from __future__ import annotations

import re
from collections.abc import Iterator

from troth.policy.lint.given import Given, Say
from troth.policy.text.model import Text
from troth.problems import Problem

_CITED = re.compile(r"\b[Ss]ections?\s+(?P<number>\d{1,2})\b(?!\s*(?:of|\())")
_BEFORE = 60
"""How many characters before a citation say what it is about."""
_OF_LAW = re.compile(r"\b(?:Act|Code|Regulation|GDPR|Directive)\b")
_NUMBERED = re.compile(r"(?P<number>\d{1,2})[.)]?\s+\S")
_WORD = re.compile(r"[a-z]{5,}")


def find(given: Given) -> Iterator[Problem]:
    """Yield a finding for each number that leads to no section, or to one without the words it is cited for."""
    if given.text is None:
        return
    sections = _sections(given.text)
    for sentence in given.sentences:
        for match in _CITED.finditer(sentence.text):
            if not sections or _OF_LAW.search(sentence.text[match.end() : match.end() + 40]):
                continue
            number = int(match["number"])
            better = _better(sections, number, sentence.text[max(0, match.start() - _BEFORE) : match.start()])
            if number not in sections:
                say = Say(
                    f"The text cites section {number}, and has none of that number.", "Correct the number."
                )
            elif better:
                message = f"The text cites section {number} for what stands in section {better}."
                say = Say(message, f"Write section {better}, or name the heading.")
            else:
                continue
            yield given.remark("wrong-section-number", sentence, say)


def _sections(text: Text) -> dict[int, str]:
    """Number the outermost sections: by the numbers they carry, else by counting them."""
    outer = [heading.text for heading in text.headings if heading.level == 1]
    numbered = [(match, title) for title in outer if (match := _NUMBERED.match(title))]
    if len(numbered) * 2 > len(outer):
        return {int(match["number"]): title for match, title in numbered}
    return dict(enumerate(outer, 1))


def _better(sections: dict[int, str], number: int, before: str) -> int | None:
    """Return the only section whose title has a word the citation is about, when the cited one has none."""
    words = {_stem(word) for word in _WORD.findall(before.lower())}
    about = {
        n: words & {_stem(word) for word in _WORD.findall(title.lower())} for n, title in sections.items()
    }
    if about.get(number):
        return None
    found = [n for n, shared in about.items() if shared]
    return found[0] if len(found) == 1 else None


def _stem(word: str) -> str:
    return word.removesuffix("s")

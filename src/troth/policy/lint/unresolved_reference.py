"""A reference of the text that leads nowhere: a section, statement or policy that is announced and absent."""

from __future__ import annotations

import re
from collections.abc import Iterator

from troth.policy.lint.given import Given, Say
from troth.policy.text.fingerprint import normalise
from troth.policy.text.model import Text
from troth.problems import Problem

_WORD = r"[A-Z][\w'&-]{0,40}"
_NAME = rf"{_WORD}(?:\s(?:{_WORD}|&|of|and|for|the|to|in)){{0,8}}"
_OPEN = "[\"'\u2018\u201c]"
_CLOSE = "[\"'\u2019\u201d]"
_SECTION = re.compile(
    rf"\b(?:the|our)\s+{_OPEN}?(?P<name>{_NAME}){_CLOSE}?\s+[Ss]ection\b|(?:see|in)\s+{_OPEN}?(?P<bare>{_NAME}){_CLOSE}?\s+[Ss]ection\b"
)
_TITLED = re.compile(rf"\b(?:entitled|titled|headed),?\s+{_OPEN}(?P<name>[^\"\u201c\u201d]{{3,120}}){_CLOSE}")
_SEEN = re.compile(
    rf"\b[Ss]ee\s+(?:also\s+)?(?:our\s+|the\s+)?(?P<name>(?:{_NAME}\s+)?(?:Policy|Statement|Notice|Table|Schedule|Appendix|Annex))\b"
)


def find(given: Given) -> Iterator[Problem]:
    """Yield a finding for each named reference that neither a heading nor a passage of the text answers."""
    if given.text is None:
        return
    for sentence in given.sentences:
        for name in dict.fromkeys(_names(sentence.text)):
            if not _answered(given.text, name):
                say = Say(
                    f"The text refers to \u201c{name}\u201d, and holds no such part.",
                    "Add that part, link it, or correct its name.",
                    found=name,
                )
                yield given.remark("unresolved-reference", sentence, say)


def _names(text: str) -> Iterator[str]:
    for pattern in (_SECTION, _TITLED, _SEEN):
        for match in pattern.finditer(text):
            name = match["name"] or match.groupdict().get("bare")
            if name:
                yield " ".join(name.strip(" ?.").split())


def _answered(text: Text, name: str) -> bool:
    sought = normalise(name).rstrip("?")
    if sought in normalise(text.title):
        return True
    if any(sought in normalise(heading.text) for heading in text.headings):
        return True
    return any(
        normalise(sentence.text).startswith((f"{sought}.", f"{sought}:")) for sentence in text.sentences
    )

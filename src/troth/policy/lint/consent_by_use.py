"""Consent taken from mere use or acceptance (GDPR Art. 4(11), 7: a clear, separate act)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from troth.policy.lint.given import Given, Say
from troth.problems import Problem

_USE = re.compile(
    r"\bby\s+(?:\w+ing\s+(?:or\s+\w+ing\s+)?|(?:your\s+)?(?:continued\s+)?(?:use|access|visit)\s+(?:of\s+)?)[^.;]{0,200}?"
    r"\byou\s+(?:\w+\s+){0,3}?(?:agree|consent|accept|acknowledge)"
    r"|\byour\s+(?:\w+\s+){0,4}?(?:acceptance|use|submission)\b[^.;]{0,200}?"
    r"\b(?:constitutes?|represents?|means|signif\w+|indicates?|considered|deemed)\b[^.;]{0,60}?"
    r"\b(?:agreement|consent|acceptance)\b"
    r"|\b(?:consider|deem|treat|take)s?\s+(?:\w+\s+){0,3}?(?:acceptance|use|visit)\b[^.;]{0,120}?"
    r"\bas\s+(?:your\s+)?(?:acceptance|consent|agreement)\b",
    re.IGNORECASE,
)
_TRANSFER = re.compile(r"\btransfer", re.IGNORECASE)


def find(given: Given) -> Iterator[Problem]:
    """Yield a finding for each sentence that makes consent of use; transfers have a finding of their own."""
    for sentence in given.sentences:
        if not _USE.search(sentence.text):
            continue
        if _TRANSFER.search(sentence.text):
            say = Say(
                "The text takes the submission of data for agreement to a transfer.",
                "Name a safeguard under `transfers`; implied consent is none (GDPR Art. 49(1)(a)).",
            )
            yield given.remark("implied-transfer-consent", sentence, say)
        else:
            say = Say("The text takes use or acceptance for consent.", "Ask for consent by a separate act.")
            yield given.remark("consent-by-use", sentence, say)

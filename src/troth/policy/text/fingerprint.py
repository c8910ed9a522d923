"""The fingerprint `fp1`: text → normal form → SHA-256 → eight hex digits.

Two spellings of one sentence that differ only in typography have one fingerprint; two that differ in a word,
a number or a question mark have two. The steps and their test vectors are in docs/reference/pinned-text.md;
a change to any step needs a new prefix (`fp2:`). Knows nothing of lists, tables or headings.
"""

# ruff: noqa: RUF001 (the typographic look-alikes are meant)

from __future__ import annotations

import hashlib
import re
import unicodedata
from functools import lru_cache

PREFIX = "fp1:"
DIGITS = 8

_TYPOGRAPHY = str.maketrans(
    dict.fromkeys("“”„‟«»″〝〞＂", '"')
    | dict.fromkeys("‘’‚‛‹›′´`＇", "'")
    | dict.fromkeys("‐‑‒–—―−﹘﹣－", "-")
)
_BULLETS = re.compile(r"\A(?:[•‣⁃◦▪▫●○■□·∙*-](?:\s+|\Z))+")
_AROUND_DASH = re.compile(r"\s*(-+)\s*")
_SPACE = re.compile(r"\s+")
_CLOSING = " .,;:"
_MOST_PASSES = 8


def normalise(text: str) -> str:
    """Bring a text to the normal form that fingerprints are taken of; doing it twice changes nothing.

    Compatibility forms and case are folded as Unicode defines them (UAX #15 NFKC, chapter 3.13 toCasefold).
    """
    for _ in range(_MOST_PASSES):
        once = _pass(text)
        if once == text:
            break
        text = once
    return text


def _pass(text: str) -> str:
    text = unicodedata.normalize("NFKC", text.translate(_TYPOGRAPHY))
    text = unicodedata.normalize("NFKC", text.casefold()).translate(_TYPOGRAPHY)
    if not text.isascii():
        text = "".join(char for char in text if unicodedata.category(char) != "Cf")
    text = _SPACE.sub(" ", text).strip()
    text = _BULLETS.sub("", text)
    return _AROUND_DASH.sub(r"\1", text).rstrip(_CLOSING)


def fingerprint(text: str, *, lead_in: str = "") -> str:
    """Return the fingerprint of a sentence, with its lead-in where it has one.

    With a lead-in it is taken of: SHA-256 of the lead-in's normal form in hex, line feed, normal form of the
    sentence. So a long lead-in of a long list is read once.
    """
    return PREFIX + digest(form(text, lead_in=lead_in))[:DIGITS]


def form(text: str, *, lead_in: str = "") -> str:
    """Return what the fingerprint of a sentence is the hash of."""
    own = normalise(text)
    return f"{_of_lead_in(lead_in)}\n{own}" if lead_in else own


@lru_cache(maxsize=64)
def _of_lead_in(lead_in: str) -> str:
    return digest(normalise(lead_in))


def digest(form: str) -> str:
    """Return the SHA-256 of a normal form, in hex."""
    return hashlib.sha256(form.encode("utf-8", "surrogatepass")).hexdigest()

"""Letters on paper, made by the real Typst."""

from __future__ import annotations

import re
import sys
import zlib
from dataclasses import replace

import pytest

from troth.errors import StoreError
from troth.letters import pdf
from unit.letters.samples import letter

TO = "Zoë Łukasz\n7 Rue Émile\n75011 Paris"
NASTY = '#panic("x") $x^2$ *b* #read("/etc/passwd") #import "x.typ" ]) // /* <a> @b `c` \\u{41} "'


def objects(content: bytes) -> bytes:
    """Return a PDF with its streams unpacked."""
    out = [content]
    for found in re.finditer(rb"stream\r?\n(.*?)\r?\nendstream", content, re.S):
        try:
            out.append(zlib.decompress(found[1]))
        except zlib.error:
            continue
    return b"\n".join(out)


def test_it_is_a_tagged_pdf_with_title_and_language() -> None:
    """PDF/UA-1 is claimed, and what it stands on is there."""
    made = pdf.render(letter(), TO)
    inside = objects(made.content)
    assert made.complete
    assert made.content.startswith(b"%PDF-")
    for mark in (b"/StructTreeRoot", b"/MarkInfo", b"/Lang", b"pdfuaid:part", b"Our answer to your request"):
        assert mark in inside, mark


@pytest.mark.parametrize("kind", ["answer-access", "answer-erasure", "code", "refusal", "identity"])
def test_every_part_can_be_printed(kind: str) -> None:
    """Tables, reasons, routes, lists and codes have a place on paper."""
    assert pdf.render(letter(kind), TO, paper="us-letter").complete


def test_text_is_never_read_as_typst() -> None:
    """Code and mark-up of Typst in every text print as they are."""
    routes = [{"part": "x", "name": NASTY, "how": NASTY, "contact": NASTY}]
    reasons = [{"item": NASTY, "because": NASTY, "law": NASTY, "until": NASTY}]
    organisation = {"name": NASTY, "contact": NASTY, "address": [NASTY]}
    nasty = letter(person=NASTY, reference=NASTY, routes=routes, reasons=reasons, organisation=organisation)
    assert pdf.render(nasty, NASTY).complete


@pytest.mark.parametrize("said", ["日本語 🦊 \U00012345 \ufffe", "x" * 3000, "\u200d", "العربية עברית"])
def test_no_sign_breaks_it(said: str) -> None:
    """Signs no font has, endless words, invisible signs: a PDF comes of it."""
    made = pdf.render(letter(person=said, reasons=[{"item": said, "because": said}]), said)
    assert len(made.content) > 10_000


def test_a_missing_sign_is_told() -> None:
    """Where no font has a sign, the caller knows."""
    assert not pdf.render(letter(person="\U0010fffd"), TO).complete


@pytest.mark.parametrize("language", ["de", "pt-BR", "ar", "zh-Hant-TW", "en-GB"])
def test_languages_with_regions_are_understood(language: str) -> None:
    """A tag of any usual form is taken."""
    assert pdf.render(replace(letter(), language=language), TO).complete


def test_the_same_letter_makes_the_same_pdf() -> None:
    """No clock and no chance is in it."""
    assert pdf.render(letter(), TO) == pdf.render(letter(), TO)


def test_without_typst_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra is named; nothing else depends on it."""
    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(StoreError) as wrong:
        pdf.render(letter(), TO)
    assert "troth[letters]" in wrong.value.hint

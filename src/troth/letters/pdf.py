"""A letter as PDF, for the post: tagged, with its fonts inside, made by Typst from a layout that never changes.

The letter goes in as JSON and is only ever text there. A sign that no font has is shown as a box; the caller is told.
Typst is an extra (`troth[letters]`), imported here and nowhere else.
"""

from __future__ import annotations

import importlib.resources
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from troth.errors import Damaged, StoreError
from troth.letters.data import clean, said_day
from troth.letters.model import Letter

Paper = Literal["a4", "us-letter"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """A letter on paper."""

    content: bytes
    complete: bool
    """Whether a font had every sign; without it the PDF is no PDF/UA."""


def render(letter: Letter, to: str, *, paper: Paper = "a4", fonts: Path | None = None) -> Printed:
    """Make the PDF of a letter to a postal address, as PDF/UA-1 where fonts have every sign.

    Args:
        letter: What it says.
        to: The address, line by line.
        paper: The size of the sheet.
        fonts: Folder with fonts beyond those of Typst and of this machine.

    Raises:
        StoreError: when Typst is not installed.
        Damaged: when Typst cannot make it.
    """
    try:
        import typst
    except ImportError as absent:
        raise StoreError(
            "A letter as PDF needs Typst, which is not installed.",
            hint="Install `troth[letters]`. Letters as text and by mail work without it.",
        ) from absent
    inputs = {"letter": json.dumps(_said(letter, to, paper))}
    paths = [str(fonts)] if fonts and fonts.is_dir() else []
    layout = importlib.resources.files("troth.letters") / "letter.typ"
    with importlib.resources.as_file(layout) as source:
        for standard in ("ua-1", None):
            try:
                content = typst.compile(
                    str(source),
                    font_paths=paths,
                    format="pdf",
                    sys_inputs=inputs,
                    pdf_standards=[standard] if standard else [],
                )
            except typst.TypstError as wrong:
                refused = wrong
                continue
            return Printed(content=content, complete=standard is not None)
    raise Damaged("Typst cannot make a PDF of this letter.") from refused


def _said(letter: Letter, to: str, paper: Paper) -> dict[str, object]:
    """Return what the layout is told."""
    language, _, region = letter.language.partition("-")
    english = language == "en"
    return {
        **asdict(letter),
        "parts": [{"is": type(part).__name__, **asdict(part)} for part in letter.parts],
        "language": [language.lower(), region.upper() if len(region) == 2 else None],
        "written": [letter.written.year, letter.written.month, letter.written.day],
        "said": said_day(letter.written) if english else letter.written.isoformat(),
        "to": clean(to),
        "paper": paper,
    }

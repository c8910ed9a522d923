"""Translations: written as `.po` files, compiled when the process starts; nothing compiled is kept with the source.

Where the folder of the project can be written, they lie in its `.troth/locale`, else in one of the machine's own.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

SOURCE = Path(__file__).resolve().parent / "locale"
HOME = ".troth"
FOLDER = "locale"
DOMAIN = "django"


def compiled(folder: Path) -> Path:
    """Compile every translation that is older than its source, and return the folder Django finds them in."""
    target = _writable(folder)
    for source in SOURCE.glob(f"*/LC_MESSAGES/{DOMAIN}.po"):
        made = target / source.relative_to(SOURCE).with_suffix(".mo")
        if not made.exists() or made.stat().st_mtime < source.stat().st_mtime:
            made.parent.mkdir(parents=True, exist_ok=True)
            _compile(source, made)
    return target


def _compile(source: Path, made: Path) -> None:
    """Write the whole file beside, then put it in place: another process may be reading."""
    with source.open("rb") as file:
        catalog = read_po(file, locale=source.parent.parent.name, domain=DOMAIN)
    handle, name = tempfile.mkstemp(dir=made.parent, suffix=".part")
    with os.fdopen(handle, "wb") as file:
        write_mo(file, catalog)
    Path(name).replace(made)


def _writable(folder: Path) -> Path:
    own = folder / HOME / FOLDER
    try:
        own.mkdir(parents=True, exist_ok=True)
    except OSError:
        return Path(tempfile.mkdtemp(prefix="troth-locale-"))
    return own if os.access(own, os.W_OK) else Path(tempfile.mkdtemp(prefix="troth-locale-"))

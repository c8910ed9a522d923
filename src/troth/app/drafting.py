"""Draft a project for a database nobody has described yet: look at it, guess, write files that load.

Nothing that is there is ever overwritten, and no password is ever written down.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from troth.app import files, stores
from troth.app.project import read_text
from troth.catalog import draft as drafts
from troth.errors import Refused
from troth.policy.text.model import Text
from troth.problems import BadInput, Problem
from troth.stores.sql import introspect, sample

_NAMED = re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_]*\}")
_STORE = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafted:
    """What was written."""

    folder: Path
    files: tuple[str, ...]
    tables: int
    personal: int
    """Columns that seem to be personal."""
    variable: str
    """The environment variable the store's address must stand in; empty where the file holds it."""


def init(
    url: str, text: Path | None, into: Path, store: str, name: str, environment: Mapping[str, str]
) -> Drafted:
    """Look at a database and write a project that describes it as far as can be seen.

    Raises:
        BadInput: when the text or the store's name cannot be used.
        Refused: when there is a project in the folder already.
        StoreError: when the database does not answer.
    """
    if not _STORE.fullmatch(store):
        raise BadInput([_bad_name(store)])
    published = _published(text) if text else None
    address = _address(url, into, store)
    engine = stores.open_url(url, store, Path.cwd(), environment, readonly=True)
    try:
        survey = sample.survey(engine, introspect.read(engine, store))
    finally:
        engine.dispose()
    made = drafts.draft(
        [survey],
        sentences=published.sentences if published else None,
        text_file=os.path.relpath(text, into) if text else "",
        urls={store: address},
        name=name,
    )
    _write(into, made)
    return Drafted(
        folder=into,
        files=tuple(made),
        tables=len(survey.catalog.tables),
        personal=sum(guess.is_personal for guess in survey.guesses),
        variable=address.strip("${}") if address.startswith("${") else "",
    )


def _published(path: Path) -> Text:
    text, problems = read_text(path.parent, path.name)
    if text is None:
        raise BadInput(problems)
    return text


def _address(url: str, into: Path, store: str) -> str:
    """Write a file's address relative to the project; for a server only the variable it stands in."""
    if _NAMED.fullmatch(url.strip()):
        return url.strip()
    if url.startswith("sqlite:///"):
        path = Path(url.removeprefix("sqlite:///"))
        return f"sqlite:///{path if path.is_absolute() else os.path.relpath(path, into)}"
    return "${" + store.upper().replace("-", "_") + "_DB}"


def _write(into: Path, made: Mapping[str, str]) -> None:
    there = [name for name in made if (into / name).exists()]
    if there:
        raise Refused(
            f"{into / there[0]} is there already; nothing was written.",
            hint="Name another folder with --into, or move the file away.",
        )
    into.mkdir(parents=True, exist_ok=True)
    for name, content in made.items():
        files.write(into / name, content)


def _bad_name(store: str) -> Problem:
    return Problem(
        code="bad-value",
        message="The name of a store is not one word.",
        found=store,
        valid=("app", "help-desk"),
        hint="Use letters, digits, - and _, beginning with a letter.",
    )

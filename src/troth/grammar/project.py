"""The files of a project as one mapping: `troth.yaml` and what it includes, with every fault of the joining.

Sections that stand in several files are joined; the same key twice is a fault that names both places. Files
are read through a function given by the caller, and only inside the project's folder.
"""

from __future__ import annotations

import posixpath
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from troth.errors import TrothError
from troth.grammar.nodes import Document, Path, Place, compose, doubled
from troth.problems import Problem
from troth.spans import Span

MAIN = "troth.yaml"
VERSION = 1
MAX_FILES = 200

Read = Callable[[str], bytes]
"""Gives the bytes of a file, by its path from the project's folder; raises OSError where it cannot."""


@dataclass(slots=True, kw_only=True)
class Gathered:
    """Every file of a project, joined."""

    main: str
    values: dict[str, Any] = field(default_factory=dict)
    places: dict[Path, Place] = field(default_factory=dict)
    lines: dict[str, tuple[str, ...]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    whole: bool = True
    """False when a file could not be used: names it may declare are not known."""


def no_files(path: str) -> bytes:
    """Refuse every file: for projects that are given whole."""
    raise FileNotFoundError(path)


def gather(files: Mapping[str, bytes], *, main: str = MAIN, read: Read = no_files) -> Gathered:
    """Read the main file and everything it includes, and join their sections.

    Args:
        files: what is at hand, by path from the project's folder.
        main: the file to start with.
        read: gives files that are not at hand.
    """
    gathered = Gathered(main=main)
    waiting: deque[tuple[str, Span]] = deque([(main, Span(main))])
    seen: set[str] = set()
    while waiting:
        name, asked = waiting.popleft()
        seen.add(name)
        document = _document(name, asked, files, read)
        gathered.problems += document.problems
        gathered.lines[name] = document.lines
        if document.values is None:
            gathered.whole = False
            continue
        _check_version(gathered, document)
        waiting += _includes(gathered, document, seen, len(waiting))
        _join(gathered, document)
    return gathered


def _document(name: str, asked: Span, files: Mapping[str, bytes], read: Read) -> Document:
    try:
        data = files[name] if name in files else read(name)
    except OSError as reason:
        why = "it does not exist" if isinstance(reason, FileNotFoundError) else "it cannot be opened"
        return _unusable(name, asked, why)
    except TrothError as reason:
        return _unusable(name, asked, reason.message)
    return compose(name, data)


def _unusable(name: str, asked: Span, why: str) -> Document:
    problem = Problem(
        code="unreadable-file",
        message=f"The file `{name}` cannot be read: {why}.",
        span=asked,
        found=name,
        hint="Check the name; paths start at the file that includes it.",
    )
    return Document(file=name, problems=[problem])


def _check_version(gathered: Gathered, document: Document) -> None:
    version = document.values.get("troth") if document.values else None
    place = document.places.get(("troth",))
    if version is None and document.file == gathered.main and place is None:
        gathered.problems.append(
            Problem(
                code="missing-key",
                message="The project lacks the key `troth`, the version of the language.",
                span=Span(document.file),
                hint=f"Write `troth: {VERSION}` as the first line.",
            )
        )
    elif place is not None and (version != VERSION or isinstance(version, bool)):
        gathered.problems.append(
            Problem(
                code="bad-value",
                message=f"This Troth reads version {VERSION} of the language.",
                span=place.value,
                found=str(version)[:20],
                valid=(str(VERSION),),
                hint=f"Write `troth: {VERSION}`, or use the Troth this file was written for.",
            )
        )


def _includes(gathered: Gathered, document: Document, seen: set[str], waiting: int) -> list[tuple[str, Span]]:
    asked = (document.values or {}).get("include")
    items = [asked] if isinstance(asked, str) else asked
    if asked is not None and not isinstance(items, list):
        gathered.problems.append(_bad_include(document.places[("include",)].value, "a list of files"))
        return []
    found: list[tuple[str, Span]] = []
    for index, item in enumerate(items or []):
        place = document.places.get(("include", index)) or document.places[("include",)]
        target = _inside(document.file, item)
        if target is None:
            problem = _bad_include(place.value, "the path of a file inside the project's folder")
        elif target in seen or any(target == name for name, _ in found):
            problem = _included_twice(target, place.value)
        elif len(seen) + waiting + len(found) >= MAX_FILES:
            problem = _too_many(place.value)
        else:
            seen.add(target)
            found.append((target, place.value))
            continue
        gathered.problems.append(problem)
    return found


def _inside(file: str, item: object) -> str | None:
    if not isinstance(item, str) or not item or "\\" in item or ":" in item or "\0" in item:
        return None
    path = posixpath.normpath(posixpath.join(posixpath.dirname(file), item))
    return None if path.startswith(("/", "../")) or path in (".", "..") else path


def _bad_include(span: Span, wanted: str) -> Problem:
    return Problem(
        code="bad-value",
        message=f"`include` should be {wanted}.",
        span=span,
        valid=(wanted,),
        hint="Write `include: [datamap.yaml]`.",
    )


def _included_twice(target: str, span: Span) -> Problem:
    return Problem(
        code="conflicting-keys",
        message=f"`{target}` is already part of the project; a file is included once.",
        span=span,
        found=target,
        hint="Remove this line.",
    )


def _too_many(span: Span) -> Problem:
    return Problem(
        code="too-large",
        message=f"A project has at most {MAX_FILES} files.",
        span=span,
        hint="Join some of them.",
    )


def _join(gathered: Gathered, document: Document) -> None:
    """Add a file's sections: mappings key by key, lists one after the other, single values once."""
    moves: dict[Path, Path] = {}
    for section, value in (document.values or {}).items():
        if section in ("troth", "include"):
            continue
        mine = gathered.values.get(section)
        if section not in gathered.values:
            gathered.values[section] = value
            moves[(section,)] = (section,)
        elif isinstance(mine, dict) and isinstance(value, dict):
            moves |= _join_mapping(gathered, document, section)
        elif isinstance(mine, list) and isinstance(value, list):
            moves |= {(section, n): (section, len(mine) + n) for n in range(len(value))}
            mine += value
        else:
            _doubled(gathered, document, (section,))
    _move(gathered, document, moves)


def _join_mapping(gathered: Gathered, document: Document, section: str) -> dict[Path, Path]:
    mine, moves = gathered.values[section], dict[Path, Path]()
    for key, value in (document.values or {})[section].items():
        if key in mine:
            _doubled(gathered, document, (section, key))
        else:
            mine[key] = value
            moves[(section, key)] = (section, key)
    return moves


def _doubled(gathered: Gathered, document: Document, path: Path) -> None:
    first, second = gathered.places[path].key, document.places[path].key
    gathered.problems.append(doubled(str(path[-1]), first, second))


def _move(gathered: Gathered, document: Document, moves: Mapping[Path, Path]) -> None:
    for path, place in document.places.items():
        size = 1 if path[:1] in moves else 2
        new = moves.get(path[:size])
        if new is not None:
            gathered.places[new + path[size:]] = place

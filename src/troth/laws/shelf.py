"""The law packs that come with Troth: their names, and each of them read and checked.

The files are part of the program, like the tables of a library; a pack from elsewhere is read by `parse`. What a
pack means for a date is not decided here: see `clock`.
"""

from __future__ import annotations

from collections import Counter
from functools import cache
from importlib import resources
from typing import Any

from troth.grammar import blocks, faults
from troth.grammar.nodes import Document, compose
from troth.laws.model import Calendars, Pack
from troth.problems import BadInput, Problem, nearest


@cache
def names() -> tuple[str, ...]:
    """List the laws that have a pack."""
    folder = resources.files(__package__) / "packs"
    return tuple(
        sorted(one.name.removesuffix(".yml") for one in folder.iterdir() if one.name.endswith(".yml"))
    )


@cache
def load(law: str) -> Pack:
    """Return the pack of a law.

    Raises:
        BadInput: when no pack is called so.
    """
    if law not in names():
        raise BadInput([unknown(law)])
    data = (resources.files(__package__) / "packs" / f"{law}.yml").read_bytes()
    return parse(f"{law}.yml", data)


def unknown(law: str) -> Problem:
    """Say that no pack is called so."""
    return Problem(
        code="unknown-name",
        message="No law pack is called so.",
        found=law,
        valid=names(),
        nearest=nearest(law.lower(), names()),
        hint="Use one of the names `troth laws` lists.",
    )


@cache
def calendars() -> Calendars:
    """Return every place with a calendar."""
    data = (resources.files(__package__) / "calendars.yml").read_bytes()
    made: Calendars = _read(Calendars, compose("calendars.yml", data))
    return made


def parse(file: str, data: bytes) -> Pack:
    """Read a pack.

    Raises:
        BadInput: with every fault, each with its line.
    """
    document = compose(file, data)
    pack: Pack = _read(Pack, document)
    counted = Counter((rule.id, rule.from_) for rule in pack.rules)
    twice = [_twice(document, rule) for (rule, _), count in counted.items() if count > 1]
    if twice:
        raise BadInput(twice)
    return pack


def _read(top: blocks.BlockType, document: Document) -> Any:
    if document.problems or document.values is None:
        raise BadInput(document.problems)
    made, found = faults.find(top, document.values, document.places, document.file)
    if found:
        raise BadInput([fault.problem for fault in found])
    return made


def _twice(document: Document, rule: str) -> Problem:
    places = [
        place.value
        for path, place in document.places.items()
        if path[-1:] == ("id",) and _at(document.values, path) == rule
    ]
    return Problem(
        code="duplicate-key",
        message="Two rules of the pack have the same id and the same first day.",
        span=places[-1] if places else None,
        found=rule,
        hint="Give one of them another id, or its own `from`.",
    )


def _at(node: Any, path: tuple[str | int, ...]) -> object:
    for part in path:
        node = node[part]
    return node

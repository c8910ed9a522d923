"""From the files of a project to `Policy` and `DataMap`, with every fault at once.

Joins the files (grammar), checks them against the declaration, then checks that names and rules fit together.
Where a block is faulty the rest is still looked at. Findings are not made here: see `policy.lint`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from troth.catalog import kinds
from troth.catalog.datamap import DataMap
from troth.grammar import blocks, faults, project
from troth.grammar.declare import Block
from troth.grammar.nodes import Path, Place
from troth.policy import consistency
from troth.policy.model import Policy
from troth.problems import Problem, in_order, nearest
from troth.reading import references
from troth.spans import Span

MAX_PASSES = 8
"""How often what is faulty is set aside and the rest looked at again."""

_B = TypeVar("_B", Policy, DataMap)

STAND_IN = {"organisation": {"name": "(not given)"}}

PROJECT_KEYS = ("troth", "include")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A project as read: what it says, where it says it, and what is wrong with it."""

    policy: Policy | None
    """The promises; None when there is any fault."""
    datamap: DataMap | None
    """Where data lives (empty when the project has no map); None when there is any fault."""
    spans: Mapping[Path, Place]
    """Place of each key and value, by path: `("retention", "account", "for")`."""
    sources: Mapping[str, Sequence[str]]
    """The lines of each file."""
    problems: tuple[Problem, ...]
    """Every fault, in order."""
    usable_policy: Policy | None = None
    """What could be read of the promises though other parts are faulty."""
    usable_datamap: DataMap | None = None
    faulty: frozenset[Path] = frozenset()
    """The blocks a fault stands in, such as `("retention", "account")`: no finding is made about them."""

    def key_span(self, *path: str | int) -> Span | None:
        """Return where a key stands; the nearest key above it where it was left out."""
        while path and path not in self.spans:
            path = path[:-1]
        return self.spans[path].key if path else None


def read_project(
    files: Mapping[str, bytes], main: str = project.MAIN, read: project.Read = project.no_files
) -> Reading:
    """Read a project; every fault is in `problems`, and `policy` and `datamap` are None when there is one.

    Args:
        files: contents at hand, by path from the project's folder.
        main: the file to start with.
        read: gives the bytes of an included file that is not at hand; raises OSError where it cannot.
    """
    gathered = project.gather(files, main=main, read=read)
    if not gathered.values and not gathered.whole:
        return _reading(gathered, gathered.problems, frozenset(), None, None)
    unknown = _unknown_sections(gathered)
    policy, of_policy = _checked(Policy, gathered)
    datamap, of_map = _checked(DataMap, gathered)
    found = [*unknown, *of_policy, *of_map]
    faulty = frozenset(fault.path[:2] for fault in found)
    problems = [*gathered.problems, *(fault.problem for fault in found)]
    if policy is not None:
        problems += consistency.faults(policy, gathered.places, faulty)
    if datamap is not None:
        problems += kinds.faults(datamap, gathered.places, faulty)
    if policy is not None and datamap is not None and gathered.whole:
        world = references.World(policy, datamap, gathered.values, gathered.places)
        problems += references.faults(world)
    return _reading(gathered, problems, faulty, policy, datamap)


def _reading(
    gathered: project.Gathered,
    problems: Sequence[Problem],
    faulty: frozenset[Path],
    policy: Policy | None,
    datamap: DataMap | None,
) -> Reading:
    clean = not problems
    return Reading(
        policy=policy if clean else None,
        datamap=datamap if clean else None,
        spans=gathered.places,
        sources=gathered.lines,
        problems=in_order(problems),
        usable_policy=policy,
        usable_datamap=datamap,
        faulty=faulty,
    )


def _unknown_sections(gathered: project.Gathered) -> list[faults.Fault]:
    valid = (*PROJECT_KEYS, *blocks.keys(Policy), *blocks.keys(DataMap))
    renamed = {**Policy.renamed, **DataMap.renamed}
    found: list[faults.Fault] = []
    for key in gathered.values:
        if key in valid:
            continue
        close, how = renamed.get(key) or (nearest(key.lower().replace("_", "-"), valid), "")
        hint = f"{how[0].upper()}{how[1:]}." if how else f"Write `{close}`." if close else "Remove it."
        problem = Problem(
            code="unknown-key",
            message=f"`{key}` is not a section of a project.",
            span=gathered.places[(key,)].key,
            found=key,
            valid=valid,
            nearest=close,
            hint=hint,
        )
        found.append(faults.Fault(problem, (key,)))
    return found


def _checked(block: type[_B], gathered: project.Gathered) -> tuple[_B | None, list[faults.Fault]]:
    """Check the sections of one block; set aside what is faulty until the rest can be used."""
    values: dict[str, Any] = {
        key: gathered.values[key] for key in blocks.keys(block) if key in gathered.values
    }
    found: list[faults.Fault] = []
    for _ in range(MAX_PASSES):
        made, refused = faults.find(block, values, gathered.places, gathered.main)
        found += refused if not found else []
        if made is not None:
            return made, found
        values = _with_stand_in(
            block, faults.without(values, [fault.path for fault in refused if fault.path])
        )
    return None, found


def _with_stand_in(block: type[Block], values: dict[str, Any]) -> dict[str, Any]:
    """Put something in the place of what every policy must have, so that the rest can be looked at."""
    return {**STAND_IN, **values} if block is Policy else values

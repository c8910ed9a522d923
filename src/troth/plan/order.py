"""In which order datasets are worked on: rows that refer go before the rows they refer to.

Foreign keys and declared ways to a subject make a graph. Self-references and cycles are broken at a reference
that may be empty: it is emptied on rows that are over, before anything is deleted. A cycle without such a
reference cannot be broken; its datasets are only emptied, and a finding says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from troth.plan.work import Dependent, Work
from troth.problems import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """Rows of `child` need rows of `parent`."""

    child: str
    parent: str
    dependent: Dependent
    breakable: bool = False
    """The child's reference may be emptied instead of waiting for the child to go."""


@dataclass(frozen=True, kw_only=True)
class Order:
    """Datasets in the order of work, and the references emptied to make it possible."""

    names: tuple[str, ...]
    broken: tuple[Edge, ...] = ()
    stuck: tuple[str, ...] = ()
    """Datasets whose rows cannot be deleted."""
    problems: tuple[Problem, ...] = ()


def arrange(works: Mapping[str, Work]) -> Order:
    """Put children before parents, breaking cycles at references that may be empty."""
    edges = [edge for name in sorted(works) for edge in _edges(works, name)]
    broken = [e for e in edges if e.child == e.parent and e.breakable]
    stuck = [e.parent for e in edges if e.child == e.parent and not e.breakable]
    edges = [e for e in edges if e.child != e.parent]
    names: list[str] = []
    left = sorted(works)
    while left:
        free = [n for n in left if not any(e.parent == n and e.child in left for e in edges)]
        if free:
            names += free
            left = [n for n in left if n not in free]
            continue
        edge = _weakest(
            e for e in edges if e.child in left and e.parent in left and _on_cycle(e, edges, left)
        )
        edges.remove(edge)
        if edge.breakable:
            broken.append(edge)
        else:
            stuck.append(edge.parent)
    stuck = [name for name in dict.fromkeys(stuck) if works[name].fate == "delete"]
    return Order(
        names=tuple(names),
        broken=tuple(e for e in broken if works[e.parent].fate == "delete"),
        stuck=tuple(stuck),
        problems=tuple(_cannot(name) for name in stuck),
    )


def _edges(works: Mapping[str, Work], name: str) -> list[Edge]:
    """List what is to go before the rows of one dataset; a link by which people are reached is never emptied."""
    made = []
    for dependent in works[name].dependents:
        child = works.get(dependent.dataset)
        if child is not None:
            loose = dependent.nullable and dependent.columns and not child.carriers & {*dependent.columns}
            breakable = bool(loose) and child.fate == "delete"
            edge = Edge(child=child.dataset, parent=name, dependent=dependent, breakable=breakable)
            made.append(edge)
    for reader in works[name].readers:
        needed = Dependent(dataset=reader.dataset, match=())
        made.append(Edge(child=reader.dataset, parent=name, dependent=needed))
    return made


def _weakest(edges: Iterable[Edge]) -> Edge:
    return min(edges, key=lambda e: (not e.breakable, e.child, e.parent))


def _on_cycle(edge: Edge, edges: list[Edge], left: list[str]) -> bool:
    """Tell whether the parent leads back to the child."""
    seen: set[str] = set()
    open_ = [edge.parent]
    while open_:
        here = open_.pop()
        if here == edge.child:
            return True
        if here not in seen:
            seen.add(here)
            open_ += [e.parent for e in edges if e.child == here and e.parent in left]
    return False


def _cannot(name: str) -> Problem:
    message = f"Rows of {name} refer to each other in a circle that no empty reference can break"
    hint = "Let one of the references be empty, or use on-expiry: keep-row."
    return Problem(code="cannot-delete", message=message, hint=hint, about=name)

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

    @property
    def breakable(self) -> bool:
        """Tell whether the child's reference may be emptied instead of waiting for the child to go."""
        return self.dependent.nullable and bool(self.dependent.columns)


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
    edges = [
        Edge(child=d.dataset, parent=name, dependent=d)
        for name, work in sorted(works.items())
        for d in work.dependents
        if d.dataset in works
    ]
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
    problems = tuple(_cannot(name) for name in dict.fromkeys(stuck))
    return Order(
        names=tuple(names), broken=tuple(broken), stuck=tuple(dict.fromkeys(stuck)), problems=problems
    )


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

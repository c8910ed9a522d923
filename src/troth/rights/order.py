"""In which order datasets are erased: rows that refer go before the rows they refer to, people themselves last.

Pure. Within a store children go before parents, and what is found by way of other rows before those rows. Circles
and self-references are opened at a reference that may be empty, on rows that go, before anything else; MariaDB checks
references row by row, so nothing less would do. A circle that no empty reference opens leaves its rows emptied.
Stores that hold no subject come first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from troth.plan.world import World
from troth.rights import fields
from troth.rights.rows import Child, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """`child` is worked on before `parent`."""

    child: str
    parent: str
    refers: Child | None = None
    """The reference that must be gone first; else rows are found by way of the parent."""
    breakable: bool = False


@dataclass(frozen=True, kw_only=True)
class Order:
    """Datasets in the order of work, references emptied first, and datasets whose rows cannot go."""

    names: tuple[str, ...]
    broken: tuple[Edge, ...] = ()
    stuck: frozenset[str] = frozenset()


def arrange(world: World, works: Mapping[str, Work]) -> Order:
    """Put every dataset after those that refer to it."""
    people = {subject.dataset for subject in world.datamap.subjects.values()}
    homes = {name.partition(".")[0] for name in people}
    edges = [edge for name in sorted(works) for edge in _edges(world, works, name)]
    broken = [e for e in edges if e.child == e.parent and e.breakable]
    stuck = {e.parent for e in edges if e.child == e.parent and not e.breakable}
    edges = [e for e in edges if e.child != e.parent]
    names: list[str] = []
    left = sorted(works, key=lambda n: (n.partition(".")[0] in homes, n.partition(".")[0], n in people, n))
    while left:
        free = next((n for n in left if not any(e.parent == n and e.child in left for e in edges)), None)
        if free is not None:
            names.append(free)
            left.remove(free)
            continue
        edge = _weakest(e for e in edges if _on_circle(e, edges, left))
        edges.remove(edge)
        if edge.breakable:
            broken.append(edge)
        elif edge.refers:
            stuck.add(edge.parent)
    return Order(
        names=tuple(sorted(names, key=lambda n: (n.partition(".")[0] in homes, n.partition(".")[0]))),
        broken=tuple(e for e in broken if e.parent not in stuck),
        stuck=frozenset(stuck),
    )


def _edges(world: World, works: Mapping[str, Work], name: str) -> list[Edge]:
    """List what must be done before one dataset, and before which others it must be."""
    made: list[Edge] = []
    work = works[name]
    for child in work.children if work.goes else ():
        other = works.get(child.dataset)
        if other is None or not _lets_go(other, child):
            continue
        loose = fields.loosened(other.table, child.columns)
        carried = {change.column for change in loose} & other.carriers
        breakable = bool(loose) and not carried and other.goes
        made.append(Edge(child=other.dataset, parent=name, refers=child, breakable=breakable))
    for reach in world.ways(name):
        dated = reach.hops if work.fields.duties else reach.hops[:-1]
        found = (hop.target for hop in dated if not (hop.many and hop is reach.hops[-1]))
        made += [Edge(child=name, parent=target) for target in found if target in works and target != name]
    return made


def _lets_go(work: Work, child: Child) -> bool:
    """Tell whether rows of a child ever go, or let go of their reference."""
    detached = any(part.columns & {*child.columns} for part in work.detaches)
    return detached or work.goes


def _weakest(edges: Iterable[Edge]) -> Edge:
    return min(edges, key=lambda e: (not e.breakable, e.refers is None, e.child, e.parent))


def _on_circle(edge: Edge, edges: list[Edge], left: list[str]) -> bool:
    """Tell whether the parent leads back to the child."""
    if edge.child not in left or edge.parent not in left:
        return False
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

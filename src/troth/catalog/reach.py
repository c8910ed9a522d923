"""How the rows of each dataset reach the people they are about.

Foreign keys give the path where there is exactly one; otherwise the data map says `via`. A path is a chain of
hops, each from some columns of one dataset to equal columns of the next. Pure: what cannot be resolved comes
back as findings, never as an exception.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from troth.catalog.datamap import DataMap
from troth.catalog.model import Catalog, Table
from troth.catalog.roles import WAY
from troth.problems import Problem, nearest

LONGEST_PATH = 6
_EQUAL = re.compile(r"\s*(?P<own>[^=]+?)\s*=\s*(?P<other>[^=]+?)\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """One step of a path: rows of `source` belong to rows of `target` with equal columns."""

    source: str
    columns: tuple[str, ...]
    target: str
    target_columns: tuple[str, ...]
    many: bool = False
    """Several target rows may match: the owner points here, or values are compared."""

    @property
    def match(self) -> tuple[tuple[str, str], ...]:
        """Pair the columns of the two sides."""
        return tuple(zip(self.columns, self.target_columns, strict=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """One way from a dataset's rows to their subject."""

    dataset: str
    role: str
    """Sender, recipient, …; the kind of subject where no role was named."""
    subject: str
    """Kind of subject."""
    hops: tuple[Hop, ...] = ()
    """Empty when the rows are the subjects themselves."""


LOST = frozenset({"reach-across-stores", "bad-reach", "ambiguous-reach", "unknown-column"})
"""Findings that leave a declared way unknown: nobody can tell whose the rows are."""


@dataclass(frozen=True, kw_only=True)
class Reaches:
    """Every dataset's paths, and what could not be resolved."""

    of: Mapping[str, tuple[Reach, ...]] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    def lost(self, dataset: str) -> bool:
        """Tell whether a way of a dataset could not be resolved."""
        places = (p.about for p in self.problems if p.code in LOST)
        return any(dataset in (place, place.rpartition(".")[0]) for place in places)

    def hops(self) -> Iterator[Hop]:
        """List every hop of every path, once."""
        seen = {hop: None for reaches in self.of.values() for reach in reaches for hop in reach.hops}
        return iter(seen)


def resolve(datamap: DataMap, catalogs: Mapping[str, Catalog], *, across: bool = False) -> Reaches:
    """Work out the paths of every dataset of the map that exists in a live schema.

    Args:
        datamap: What is declared.
        catalogs: The live schemas.
        across: Let a path leave its store where it ends at a subject there: for rights, which compare with what a
            manifest holds; retention has no manifest, so such a path is a finding to it.
    """
    world = _World(datamap, catalogs, across=across)
    found: dict[str, tuple[Reach, ...]] = {}
    for name, dataset in datamap.datasets.items():
        if world.table(name) is None:
            continue
        reaches: list[Reach] = []
        if dataset.owned_by:
            reaches += world.owned(name, dataset.owned_by)
        for words in dataset.subject or (() if dataset.owned_by else ("",)):
            reaches += world.declared(name, words) if words else world.guessed(name)
        found[name] = tuple(dict.fromkeys(reaches))
    return Reaches(of=found, problems=tuple(world.problems))


class _World:
    """The data map and the live schemas, with the questions path finding asks of them."""

    def __init__(self, datamap: DataMap, catalogs: Mapping[str, Catalog], *, across: bool) -> None:
        self.datamap = datamap
        self.catalogs = catalogs
        self.across = across
        self.kinds = {subject.dataset: kind for kind, subject in datamap.subjects.items()}
        self.problems: list[Problem] = []

    def table(self, dataset: str) -> Table | None:
        catalog = self.catalogs.get(dataset.partition(".")[0])
        return catalog.dataset(dataset) if catalog else None

    def _refuse(self, code: str, dataset: str, message: str, *, hint: str, valid: Sequence[str] = ()) -> None:
        self.problems.append(
            Problem(code=code, message=message, hint=hint, valid=tuple(valid), about=dataset)
        )

    def declared(self, dataset: str, words: str) -> list[Reach]:
        """Read `customer`, `customer via customer_id`, `sender via from_id`, `customer via mail = crm.email`."""
        parts = WAY.fullmatch(words)
        if parts is None:
            self._refuse(
                "bad-reach",
                dataset,
                f"'{words}' is not a way to a subject",
                hint="Write 'customer via customer_id'.",
            )
            return []
        role, path = parts["role"], parts["path"]
        if path is None:
            return self._to(dataset, role, role, ())
        hops = self._follow(dataset, path)
        if hops is None:
            return []
        kind = role if role in self.datamap.subjects else None
        return self._to(dataset, role, kind, hops)

    def guessed(self, dataset: str) -> list[Reach]:
        """Take the only path to any subject; several kinds or none are findings."""
        if dataset in self.kinds:
            return [Reach(dataset=dataset, role=self.kinds[dataset], subject=self.kinds[dataset])]
        reachable = [kind for kind in self.datamap.subjects if self._paths(dataset, self._home(kind))]
        if len(reachable) == 1:
            return self._to(dataset, reachable[0], reachable[0], ())
        what = f"leads to several subjects: {', '.join(reachable)}" if reachable else "leads to no subject"
        hint = "Say it in the data map: subject: customer via some_column."
        self._refuse(
            "no-reach", dataset, f"No declared subject, and the foreign keys of {dataset} {what}", hint=hint
        )
        return []

    def owned(self, dataset: str, words: str) -> list[Reach]:
        """Read `customer via customers.address_id`: the subject's row points at this one."""
        parts = WAY.fullmatch(words)
        path = parts["path"] if parts else None
        place, _, column = (path or "").rpartition(".")
        owner = self._named(dataset, place) if place else None
        if parts is None or owner is None or self._missing(owner, (column,)):
            hint = "Write 'customer via customers.address_id', with a column that exists."
            self._refuse("bad-reach", dataset, f"'{words}' names no column that points here", hint=hint)
            return []
        if self._elsewhere(dataset, owner):
            return []
        owner_table, table = self.table(owner), self.table(dataset)
        assert owner_table is not None and table is not None
        bare = dataset.partition(".")[2]
        keys = [k for k in owner_table.foreign_keys if k.columns == (column,) and k.target == bare]
        target = keys[0].target_columns if keys else table.primary_key
        hop = Hop(source=dataset, columns=target, target=owner, target_columns=(column,), many=True)
        kind = parts["role"] if parts["role"] in self.datamap.subjects else None
        return self._to(dataset, parts["role"], kind, (hop,))

    def _home(self, kind: str) -> str:
        subject = self.datamap.subjects.get(kind)
        return subject.dataset if subject else ""

    def _to(self, dataset: str, role: str, kind: str | None, hops: tuple[Hop, ...]) -> list[Reach]:
        """Complete a path that may still stop short of a subject's own dataset."""
        here = hops[-1].target if hops else dataset
        if here in self.kinds and kind in (None, self.kinds[here]):
            return [Reach(dataset=dataset, role=role, subject=self.kinds[here], hops=hops)]
        wanted = [kind] if kind else list(self.datamap.subjects)
        paths = [(k, p) for k in wanted for p in self._paths(here, self._home(k))]
        if len(paths) == 1:
            return [Reach(dataset=dataset, role=role, subject=paths[0][0], hops=(*hops, *paths[0][1]))]
        code, what = ("ambiguous-reach", "more than one path") if paths else ("no-reach", "no path")
        hint = "Say the way in the data map: subject: customer via some_column."
        valid = [" > ".join("+".join(h.columns) for h in path) for _, path in paths]
        self._refuse(
            code, dataset, f"There is {what} from {here} to a {kind or 'subject'}", hint=hint, valid=valid
        )
        return []

    def _paths(self, start: str, end: str) -> list[tuple[Hop, ...]]:
        """List every simple path up foreign keys from one dataset to another, shortest first."""
        done: list[tuple[Hop, ...]] = []
        open_: list[tuple[Hop, ...]] = [()]
        while open_ and len(done) < LONGEST_PATH:
            path = open_.pop(0)
            here = path[-1].target if path else start
            if here == end:
                done.append(path)
                continue
            seen = {start, *(hop.target for hop in path)}
            if len(path) < LONGEST_PATH:
                open_ += [(*path, hop) for hop in self._up(here) if hop.target not in seen]
        return done

    def _up(self, dataset: str) -> Iterator[Hop]:
        table = self.table(dataset)
        store = dataset.partition(".")[0]
        for key in table.foreign_keys if table else ():
            target = f"{store}.{key.target}"
            yield Hop(source=dataset, columns=key.columns, target=target, target_columns=key.target_columns)

    def _follow(self, dataset: str, path: str) -> tuple[Hop, ...] | None:
        """Walk the items of a `via`, each a column with a foreign key, or `own = dataset.column`."""
        hops: list[Hop] = []
        here = dataset
        for item in path.split(">"):
            hop = self._by_value(here, item) if "=" in item else self._by_column(here, item.strip())
            if hop is None:
                return None
            hops.append(hop)
            here = hop.target
        return tuple(hops)

    def _by_column(self, here: str, item: str) -> Hop | None:
        columns = tuple(c.strip() for c in item.strip("()").split(","))
        if self._missing(here, columns):
            self._name_missing(here, columns)
            return None
        for hop in self._up(here):
            if hop.columns == columns:
                return hop
        homes = {s.dataset: s.key for s in self.datamap.subjects.values() if len(s.key) == len(columns)}
        if len(homes) == 1:
            target, key = next(iter(homes.items()))
            if self._elsewhere(here, target):
                return None
            return Hop(source=here, columns=columns, target=target, target_columns=tuple(key))
        hint = f"Write {item} = dataset.column."
        self._refuse("bad-reach", here, f"{here}.{item} has no foreign key to follow", hint=hint)
        return None

    def _by_value(self, here: str, item: str) -> Hop | None:
        parts = _EQUAL.fullmatch(item)
        place, _, column = (parts["other"] if parts else "").rpartition(".")
        target = self._named(here, place)
        own = (parts["own"],) if parts else ()
        if parts is None or target is None or self._missing(target, (column,)) or self._missing(here, own):
            hint = "Write own_column = dataset.column, with columns that exist."
            self._refuse("bad-reach", here, f"'{item.strip()}' does not name two columns", hint=hint)
            return None
        if self._elsewhere(here, target):
            return None
        unique = self._is_key(target, (column,))
        return Hop(source=here, columns=own, target=target, target_columns=(column,), many=not unique)

    def _elsewhere(self, here: str, target: str) -> bool:
        """Tell whether a way would leave the store, and say so."""
        across = target.partition(".")[0] != here.partition(".")[0]
        if across and self.across and target in self.kinds:
            return False
        if across:
            hint = "Rights follow such a way; rules that would need it stay unproven."
            self._refuse("reach-across-stores", here, f"{here} and {target} are in two stores", hint=hint)
        return across

    def _named(self, near: str, place: str) -> str | None:
        """Read a dataset's name, with or without its store."""
        full = place if self.table(place) else f"{near.partition('.')[0]}.{place}"
        return full if self.table(full) else None

    def _is_key(self, dataset: str, columns: tuple[str, ...]) -> bool:
        table = self.table(dataset)
        return table is not None and columns in (table.primary_key, *table.uniques)

    def _missing(self, dataset: str, columns: tuple[str, ...]) -> tuple[str, ...]:
        table = self.table(dataset)
        return tuple(c for c in columns if table is None or table.column(c) is None)

    def _name_missing(self, dataset: str, columns: tuple[str, ...]) -> None:
        table = self.table(dataset)
        names = table.column_names if table else ()
        for column in self._missing(dataset, columns):
            self.problems.append(
                Problem(
                    code="unknown-column",
                    message=f"{dataset} has no column '{column}'",
                    found=column,
                    nearest=nearest(column, names),
                    valid=names,
                    about=f"{dataset}.{column}",
                    hint="Name a column of the live schema.",
                )
            )

"""Which columns may repeat another table's values without a foreign key, and what comparing them showed.

Pure half: picks the pairs worth comparing and says which findings count. The comparison itself runs in the
store (`stores.sql.sample`), and only counts come back.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from troth.catalog.detect import names
from troth.catalog.detect.judge import Guess
from troth.catalog.detect.kinds import IDENTITIES, Kind
from troth.catalog.detect.setting import Setting
from troth.catalog.model import Catalog, Column, ColumnKind, Table

MOST_PAIRS = 300
COPY_FROM, KEY_FROM = 0.5, 0.9
"""Share of sampled values that must be found again: in a copy, in a reference without foreign key."""
FEW = 3

_COPIED = IDENTITIES | {Kind.STREET, Kind.FULL_NAME, Kind.BANK, Kind.HANDLE}
_KEY_WORDS = frozenset({"id", "key", "nr", "no", "num", "uuid", "guid", "ref", "fk", "code", "codigo", "sk"})
_TEXTUAL = (ColumnKind.TEXT, ColumnKind.UUID, ColumnKind.OTHER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two columns to compare: are the values of one found among those of the other?"""

    table: str
    column: str
    target: str
    target_column: str
    kind: Kind
    """The kind both hold; TECHNICAL_ID for a reference without foreign key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """What comparing a pair showed."""

    pair: Pair
    sampled: int
    """Different values looked up."""
    found: int
    """How many of them the target has."""

    @property
    def share(self) -> float:
        """Return the share found again."""
        return self.found / self.sampled if self.sampled else 0.0

    @property
    def counts(self) -> bool:
        """Tell whether it is enough to call the column a copy or a reference."""
        is_key = self.pair.kind is Kind.TECHNICAL_ID
        return self.sampled >= FEW and self.share >= (KEY_FROM if is_key else COPY_FROM)


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """All that looking at one store brought: what a draft is made from."""

    catalog: Catalog
    guesses: tuple[Guess, ...]
    settings: Mapping[str, Setting]
    overlaps: tuple[Overlap, ...] = ()


def pairs(catalog: Catalog, guesses: Sequence[Guess], settings: Mapping[str, Setting]) -> tuple[Pair, ...]:
    """Pick the pairs worth comparing: the same kind of value in a table of persons, and names that point there."""
    found = itertools.chain(_references(catalog), _copies(catalog, guesses, settings))
    return tuple(itertools.islice(found, MOST_PAIRS))


def _copies(catalog: Catalog, guesses: Sequence[Guess], settings: Mapping[str, Setting]) -> Iterator[Pair]:
    personal = [
        g for g in guesses if g.is_personal and g.kind in _COPIED and catalog.tables[g.table].writable
    ]
    homes: dict[Kind, list[Guess]] = defaultdict(list)
    for guess in personal:
        if settings[guess.table].is_person:
            homes[guess.kind].append(guess)
    for copy in personal:
        for home in homes[copy.kind]:
            if copy.table != home.table and not _joined(catalog, copy, home):
                yield Pair(
                    table=copy.table,
                    column=copy.column,
                    target=home.table,
                    target_column=home.column,
                    kind=home.kind,
                )


def _joined(catalog: Catalog, copy: Guess, home: Guess) -> bool:
    keys = catalog.tables[copy.table].foreign_keys
    return any(key.target == home.table and copy.column in key.columns for key in keys)


def _references(catalog: Catalog) -> Iterator[Pair]:
    """Find columns named for another table's key that no foreign key backs."""
    targets = {
        name: table
        for name, table in catalog.tables.items()
        if table.writable and len(table.primary_key) == 1
    }
    words = {name: names.table_words(name) for name in targets}
    index: dict[str, dict[str, None]] = defaultdict(dict)
    for name, table in targets.items():
        for word in (*words[name], table.primary_key[0].lower()):
            index[word][name] = None
    for name, table in catalog.tables.items():
        backed = {column for key in table.foreign_keys for column in key.columns}
        for column in table.columns if table.writable else ():
            if column.name in backed:
                continue
            for target in dict.fromkeys(t for word in _asked(column) for t in index.get(word, ())):
                key = targets[target].primary_key[0]
                if target != name and _points_at(column, table, targets[target], key, words[target]):
                    yield Pair(
                        table=name,
                        column=column.name,
                        target=target,
                        target_column=key,
                        kind=Kind.TECHNICAL_ID,
                    )


def _asked(column: Column) -> Iterator[str]:
    """List the words by which a column may name a table."""
    parts = names.split(column.name)
    yield column.name.lower()
    yield from parts
    yield from (part[:-2] for part in parts if part.endswith("id"))
    yield from (part[2:] for part in parts if part.startswith("id"))


def _points_at(column: Column, table: Table, other: Table, key: str, words: frozenset[str]) -> bool:
    target = other.column(key)
    if target is None or (column.kind in _TEXTUAL) != (target.kind in _TEXTUAL):
        return False
    parts = names.split(column.name)
    same_name = column.name.lower() == key.lower() and len(names.split(key)) > 1
    if table.primary_key == (column.name,):
        return same_name
    telling = [part for part in parts if part not in _KEY_WORDS]
    named = bool(telling) and len(telling) < len(parts) and (telling[-1] in words or telling[0] in words)
    glued = len(parts) == 1 and any(parts[0] in (f"{w}id", f"id{w}", w) for w in words if len(w) > 3)
    role = len(telling) == 2 and telling[-1] in words and telling[0] in _ROLES
    return same_name or named or glued or role


_ROLES = frozenset(
    "from to de para von an sender receiver recipient created updated owner parent desde hacia".split()  # noqa: SIM905
)

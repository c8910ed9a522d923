"""Look for what is left of people in a store of files: names of files, every text in them, declared or not."""

from __future__ import annotations

import errno
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from troth.apply.people import Coverage, Residue, Scanned
from troth.people import kinds
from troth.people.entries import Way
from troth.people.kinds import Family
from troth.people.tokens import Seen, Tokens
from troth.stores.files.asking import Index, persons
from troth.stores.files.medium import BROKEN, Item, Medium
from troth.stores.files.pattern import Skipped
from troth.stores.files.sieving import Sieve

Found = Literal["exact", "normalised", "hashed", "name", "file-name", "object-name"]

SUFFIXES = 3
"""Most suffixes that are taken off a name, as in `report.csv.gz`."""


@dataclass(slots=True)
class Look:
    """One look through a store."""

    medium: Medium
    tokens: Tokens
    ways: Sequence[Way]
    declared: frozenset[str]
    spared: frozenset[str]
    _residues: Counter[tuple[str, Found, str]] = field(default_factory=Counter)
    _unlooked: Counter[str] = field(default_factory=Counter)
    _sieve: Sieve = field(init=False)

    def __post_init__(self) -> None:
        """Make ready what tells quickly that nobody is in a text."""
        self._sieve = sieve(self.tokens)

    def run(self, store: str) -> Scanned:
        """Read everything once."""
        index = Index(self.tokens.manifest, self.medium.text)
        skipped = Skipped()
        rows = size = 0
        for place in self.medium.places(skipped):
            self._name(place.path.name)
            try:
                for item in self.medium.items(place):
                    self._item(item, index)
                    rows += 1
                    size += item.size
            except FileNotFoundError:
                continue
            except BROKEN as error:
                self._unlooked[why(error)] += 1
        for folder in self.medium.folders():
            self._name(folder)
        self._unlooked.update({what: count for count, what in passed(skipped)})
        return Scanned(
            store=store,
            residues=tuple(self._named()),
            coverage=(
                Coverage(
                    dataset=self.medium.dataset, rows=rows, bytes=size, columns=len(self.medium.table.columns)
                ),
            ),
            unlooked=tuple(
                (self.medium.dataset, f"{what}: {n:,}") for what, n in sorted(self._unlooked.items())
            ),
        )

    def _name(self, name: str) -> None:
        """Look at the name of a file or folder."""
        texts = _without_suffixes(name)
        for kind in {seen.kind for text in texts for seen in self.tokens.look(text)}:
            self._residues[self.medium.name_column, "file-name", kind] += 1

    def _item(self, item: Item, index: Index) -> None:
        mine = persons(index, self.ways, item)
        found: set[tuple[str, Found, str]] = set()
        for column, text in item.texts():
            if column not in self.spared:
                found |= {(column, seen.how, seen.kind) for seen in self._seen(text, mine, index)}
        self._residues.update(found)
        self._unlooked.update(item.unlooked())

    def _seen(self, text: str, mine: Iterable[int], index: Index) -> Iterator[Seen]:
        """Look for identities anywhere, for keys and names only in what is somebody's."""
        if self._sieve.passes(text, index.runs(text)):
            yield from self.tokens.look(text)
        for person in mine:
            yield from self.tokens.look_near(person, text)

    def _named(self) -> Iterator[Residue]:
        for (column, how, kind), rows in sorted(self._residues.items()):
            yield Residue(
                dataset=self.medium.dataset,
                column=column,
                how=how,
                kind=kind,
                rows=rows,
                declared=column in self.declared,
            )


def sieve(tokens: Tokens) -> Sieve:
    """Make what tells quickly that no token is in a text."""
    made = Sieve()
    for token in tokens.of:
        family = kinds.family(token.kind)
        if token.how == "hashed" or family not in kinds.TOGETHER:
            made.word(token.text)
        elif family is Family.EMAIL:
            made.email(token.text)
        elif family is Family.PHONE:
            made.phone(token.text)
        else:
            made.ip(token.text)
    return made


def _without_suffixes(name: str) -> Iterator[str]:
    """Yield a name, also without what follows its last dots: `ada@example.org.pdf` has an address."""
    yield name
    parts = name.split(".")
    yield from (".".join(parts[:-n]) for n in range(1, min(SUFFIXES + 1, len(parts))))


def passed(skipped: Skipped) -> Iterator[tuple[int, str]]:
    """Say what a walk passed over, with counts."""
    if skipped.links:
        yield skipped.links, "symbolic links, which are not followed"
    if skipped.closed:
        yield skipped.closed, "folders that cannot be listed"
    if skipped.special:
        yield skipped.special, "pipes, sockets or devices"


def why(error: BaseException) -> str:
    """Say why a file could not be read; a count comes before."""
    if isinstance(error, PermissionError):
        return "files that cannot be read with these rights"
    if isinstance(error, OSError) and error.errno == errno.EFBIG:
        return "files that are too large for what they should be"
    return "files that are cut off or damaged"

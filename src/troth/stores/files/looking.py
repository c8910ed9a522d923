"""Look for what is left of people in a store of files: names of files, every text in them, declared or not."""

from __future__ import annotations

import errno
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from troth.apply.people import Coverage, Kept, Scanned
from troth.people import kinds
from troth.people.entries import Way
from troth.people.kinds import Family
from troth.people.tokens import Spot, Tokens
from troth.stores.files.asking import Index, holds, persons
from troth.stores.files.medium import BROKEN, Item, Medium
from troth.stores.files.pattern import Skipped
from troth.stores.files.sieving import Sieve
from troth.stores.tally import NOTHING, Stays, Tally

SUFFIXES = 3
"""Most suffixes that are taken off a name, as in `report.csv.gz`."""


@dataclass(slots=True)
class Look:
    """One look through a store."""

    medium: Medium
    tokens: Tokens
    ways: Sequence[Way]
    declared: frozenset[str]
    kept: Sequence[Kept] = ()
    _tally: Tally = field(init=False)
    _unlooked: Counter[str] = field(default_factory=Counter)
    _sieve: Sieve = field(init=False)

    def __post_init__(self) -> None:
        """Make ready what tells quickly that nobody is in a text."""
        self._sieve = sieve(self.tokens)
        self._tally = Tally(self.kept)

    def run(self, store: str) -> Scanned:
        """Read everything once."""
        index = Index(self.tokens.manifest, self.medium.text)
        skipped = Skipped()
        rows = size = 0
        for place in self.medium.places(skipped):
            own, stays = 0, NOTHING
            try:
                for item in self.medium.items(place):
                    stays = self._item(item, index)
                    own += 1
                    rows += 1
                    size += item.size
            except FileNotFoundError:
                pass
            except BROKEN as error:
                self._unlooked[why(error)] += 1
            # The name of a file is its row's where it has but one, as in a tree.
            self._name(place.path.name, stays if own == 1 else NOTHING)
        for folder in self.medium.folders():
            self._name(folder)
        self._unlooked.update({what: count for count, what in passed(skipped)})
        return Scanned(
            store=store,
            residues=tuple(self._tally.named(self.medium.dataset, self.declared)),
            stayed=tuple(self._tally.keeping(self.medium.dataset)),
            coverage=(
                Coverage(
                    dataset=self.medium.dataset, rows=rows, bytes=size, columns=len(self.medium.table.columns)
                ),
            ),
            unlooked=tuple(
                (self.medium.dataset, f"{what}: {n:,}") for what, n in sorted(self._unlooked.items())
            ),
        )

    def _name(self, name: str, stays: Stays = NOTHING) -> None:
        """Look at the name of a file or folder."""
        column = self.medium.name_column
        shown = [(column, one) for text in _without_suffixes(name) for one in self.tokens.spot(text)]
        self._tally.row(shown, stays, how="file-name")

    def _item(self, item: Item, index: Index) -> Stays:
        """Look at one row; return what of it stays by the plan."""
        mine = persons(index, self.ways, item)
        shown = [(column, one) for column, text in item.texts() for one in self._spots(text, mine, index)]
        stays = self._stays(item, mine, index)
        self._tally.row(shown, stays)
        self._unlooked.update(item.unlooked())
        return stays

    def _stays(self, item: Item, mine: Iterable[int], index: Index) -> Stays:
        rules = [rule for rule in self.kept if holds(rule.where, item, index)] if mine else []
        return dict.fromkeys(mine, rules) if rules else NOTHING

    def _spots(self, text: str, mine: Iterable[int], index: Index) -> Iterator[Spot]:
        """Look for identities anywhere, for keys and names only in what is somebody's."""
        if self._sieve.passes(text, index.runs(text)):
            yield from self.tokens.spot(text)
        for person in mine:
            yield from self.tokens.spot_near(person, text)


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

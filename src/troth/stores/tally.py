"""Count what a scan shows of one dataset: what must not be there, and what a plan lets stay.

Pure. Whether a value may stay is asked of its row, its column and its person: a row that a hold keeps for one keeps
nothing of another who happens to be named in it. Used by every kind of store that scans; what a row keeps for whom
the store finds out (`Kept.where`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from troth.apply.people import Kept, Residue, Stayed
from troth.people.tokens import Seen, Spot

How = Literal["exact", "normalised", "hashed", "name", "file-name", "object-name"]
Shown: TypeAlias = tuple[str, Spot]
"""A column, and what it shows."""
Stays: TypeAlias = Mapping[int, Sequence[Kept]]
"""For each person to whom a row leads: the rules that let something of the row stay."""
NOTHING: Stays = {}


@dataclass(slots=True)
class Tally:
    """What was found in one dataset so far."""

    rules: Sequence[Kept] = ()
    residues: Counter[tuple[str, How, str]] = field(default_factory=Counter)
    """Rows by column, how and kind."""
    stayed: Counter[tuple[str, How, str, int]] = field(default_factory=Counter)
    """The same with the number of the rule."""
    whose: dict[str, set[int]] = field(default_factory=dict)
    """By column, the people of whom something stays in it."""
    _able: frozenset[str] = field(init=False)
    """Columns in which something may stay."""
    _open: dict[Hashable, list[tuple[Shown, ...]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Learn the columns of the rules."""
        self._able = frozenset(column for rule in self.rules for column in rule.columns)

    def row(self, shown: Iterable[Shown], stays: Stays = NOTHING, *, how: How | None = None) -> None:
        """Count one row, for every column and form once.

        Args:
            shown: What its columns show.
            stays: What of it the plan lets stay, for whom.
            how: How it is found, where that is told otherwise than by the form.
        """
        left: set[tuple[str, How, str]] = set()
        right: set[tuple[str, How, str, int]] = set()
        for column, spot in shown:
            place = (column, how or spot.seen.how, spot.seen.kind)
            rule = _rule(column, spot, stays)
            if rule is None:
                left.add(place)
            else:
                right.add((*place, rule.rule))
                self.whose.setdefault(column, set()).update(spot.who)
        self.residues.update(left)
        self.stayed.update(right)

    def later(self, address: Hashable, shown: Sequence[Shown]) -> None:
        """Count a row now where nothing of it can stay, else once it is known what does (`settle`)."""
        self.row(one for one in shown if one[0] not in self._able)
        waiting = tuple(one for one in shown if one[0] in self._able)
        if waiting:
            self._open.setdefault(address, []).append(waiting)

    @property
    def waiting(self) -> bool:
        """Tell whether rows wait to be settled."""
        return bool(self._open)

    def awaits(self, address: Hashable) -> bool:
        """Tell whether a row waits to be settled."""
        return address in self._open

    def settle(self, stays: Mapping[Hashable, Stays]) -> None:
        """Count the rows that wait, each by what of it stays."""
        for address, rows in self._open.items():
            for shown in rows:
                self.row(shown, stays.get(address, NOTHING))
        self._open.clear()

    def strange(self, column: str, spots: Iterable[Spot]) -> tuple[Seen, ...]:
        """Say what of values that also stand beside the rows (in statistics, in a log) stays in none of them.

        Args:
            column: Whose values they are.
            spots: What they show.
        """
        known = self.whose.get(column, set())
        return tuple(dict.fromkeys(one.seen for one in spots if not one.who & known))

    def named(self, dataset: str, declared: frozenset[str] = frozenset()) -> Iterator[Residue]:
        """Yield what must not be there, by place."""
        for (column, how, kind), rows in sorted(self.residues.items()):
            yield Residue(
                dataset=dataset, column=column, how=how, kind=kind, rows=rows, declared=column in declared
            )

    def keeping(self, dataset: str) -> Iterator[Stayed]:
        """Yield what stays by the plan, by place and rule."""
        for (column, how, kind, rule), rows in sorted(self.stayed.items()):
            yield Stayed(dataset=dataset, column=column, how=how, kind=kind, rows=rows, rule=rule)


def _rule(column: str, spot: Spot, stays: Stays) -> Kept | None:
    """Find the first rule that lets a value stay; it is enough that it may be one person's to whom the row leads."""
    found = [
        rule
        for person in spot.who & stays.keys()
        for rule in stays[person]
        if column in rule.columns and (rule.people is None or person in rule.people)
    ]
    return min(found, key=lambda rule: rule.rule, default=None)

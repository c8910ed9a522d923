"""Who is found, by the rules alone: rows are tried one by one until nobody is new. Slow, and plain to read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from troth.people.closure import Row
from troth.people.typed import Identity

KINDS = ("email", "account", "phone")
LEADING = ("email", "account")


@dataclass(frozen=True, kw_only=True)
class Person:
    """A row of a subject with its identities; `proven` are the kinds verified in it."""

    row: Row
    has: dict[str, str]
    proven: frozenset[str] = frozenset(KINDS)


def identity(kind: str, value: str) -> Identity:
    """Make an identity."""
    return Identity(match=kind, value=value)


def oracle(people: Sequence[Person], start: Sequence[Identity], limit: int) -> set[Row]:
    """Take rows in one by one, until no rule takes in another."""

    def owners(one: Identity) -> list[Person]:
        return [p for p in people if p.has.get(one.match) == one.value]

    taken: set[Row] = set()
    while True:
        leads = {
            identity(k, p.has[k])
            for p in people
            if p.row in taken
            for k in LEADING
            if k in p.has and k in p.proven
        }
        new = set()
        for one in {*start, *leads}:
            proven = [p for p in owners(one) if one.match in p.proven]
            found = proven or (owners(one) if one in start else [])
            new |= {p.row for p in found} if len(found) <= limit else set()
        if new <= taken:
            return taken
        taken |= new

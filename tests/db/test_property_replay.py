"""The property of replays over random projects, on SQLite: restore an old copy, replay, equal again."""

from __future__ import annotations

import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from db import erasing, random_people
from troth.app import burying
from troth.people import entries, returning, tombstones
from troth.people.returning import Gathering, Known
from troth.people.tombstones import Erased, Erasure, StoreKey
from troth.stores.sql import digests, introspect
from troth.stores.sql import open as opening

AT = datetime(2026, 5, 20, 9, tzinfo=UTC)
SECRET = b"k" * 32


def chosen(case: random_people.Case, seed: int) -> list[int]:
    """Choose who is erased: some, by the seed."""
    return [row["id"] for row in case.rows["people"] if (seed >> row["id"]) & 1]


def plan(case: random_people.Case, engine: sa.Engine, people: list[int]) -> erasing.Erasure:
    """Plan the erasure of some people."""
    seen = random_people.world(case, introspect.read(engine, "app"))
    return erasing.plan(seen, engine, "person", people, said_people=1)


def found_again(engine: sa.Engine, made: erasing.Erasure) -> dict[int, set[object]]:
    """Look for everyone of an erasure; return the keys by which each is there again."""
    ways = entries.ways(made.known, made.world.datamap, made.world.catalogs, made.world.reaches)
    where = tombstones.used(made.known, ways)
    key = StoreKey(id="0a0a0a0a", secret=SECRET)
    stones = list(tombstones.made(made.people, {"app": key}, where))
    catalog = made.world.catalogs["app"]
    targets = returning.targets(made.known, ways, made.world.datamap, catalog)
    wanted = digests.Search(targets=targets, stones=stones, keys={key.id: SECRET})
    erasure = Erasure(plan=made.plan.hash, erased_at=AT, gone=burying.went(made.plan))
    people = {p.number: Erased(id=p.number, number=p.number, erasure=erasure) for p in made.people.people}
    gathering = Gathering(people, untouched=True, thorough=True)
    known: list[Known] = list(digests.search(engine, catalog, wanted, []))
    for one in known:
        gathering.take(one)
    own = made.known.key("person").number
    found: dict[int, set[object]] = {}
    for back in gathering.judged():
        if back.row is not None:
            found.setdefault(back.person.id, set()).add(back.row.key[0])
        elif back.entry == own:
            found.setdefault(back.person.id, set()).add(back.values[0])
    return found


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(min_value=0, max_value=10**6))
def test_a_replayed_copy_equals_the_state_before(seed: int) -> None:
    """Everybody erased is found by digests alone, each by their own key, and the same rows are left again."""
    case = random_people.make(seed)
    people = chosen(case, seed)
    with tempfile.TemporaryDirectory() as folder:
        file, copy = Path(folder) / "app.sqlite", Path(folder) / "copy.sqlite"
        engine = opening.connect(f"sqlite:///{file}", create=True)
        random_people.fill(engine, case)
        engine.dispose()
        shutil.copy(file, copy)
        made = plan(case, engine, people)
        made.carry_out()
        before = random_people.content(case, engine)
        engine.dispose()
        shutil.copy(copy, file)
        found = found_again(engine, made)
        assert found == {n: {key} for n, key in enumerate(people, 1)}, seed
        plan(case, engine, [key for keys in found.values() for key in keys]).carry_out()  # type: ignore[misc]  # whole numbers
        assert random_people.content(case, engine) == before, seed
        engine.dispose()

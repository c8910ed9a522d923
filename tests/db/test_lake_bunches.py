"""Files of a lake read together tell what they tell one by one."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from db.contract import ADA, BEN, CEM, manifest
from db.test_lake import WAY, opened, parquet
from troth.apply.people import Kept, Scanned
from troth.people.tokens import tokens
from troth.plan import predicates as p
from troth.stores.lake import bunches, scan, sifting
from troth.stores.lake.parts import Part

LONG = "x" * 3_000
FOUND = {("customer", "exact"): 36, ("note", "exact"): 4}
"""Rows in which something of Ada must not be: her key in rows of hers, her address in rows of Ben's."""
STAYS = {("note", "exact"): 12, ("note", "name"): 12}


def events(path: Path, *rows: tuple[str, str], more: str = "") -> None:
    """Write rows of customers with a note each."""
    values = ", ".join(f"('{customer}', nullif('{note}', ''))" for customer, note in rows)
    parquet(path, f"SELECT customer, note{more} FROM (VALUES {values}) AS t(customer, note)")


def fill(folder: Path) -> None:
    """Write files in which Ada stands by address and by name, in long texts, in her own rows and in others'."""
    for number in range(12):
        events(
            folder / f"lake/part-{number:02}.parquet",
            (CEM.key, "nothing to see"),
            (BEN.key, f"wrote to {ADA.email}" if number % 3 == 0 else "wrote"),
            (ADA.key, f"{ADA.name} called" if number % 2 else f"{LONG} {ADA.name}"),
            (ADA.key, ""),
            (ADA.key, ADA.email),
        )


def looked(folder: Path) -> Scanned:
    """Look for Ada, whose notes may stay in rows of hers."""
    keeps = Kept(rule=7, columns=frozenset({"note"}), where=p.Filled(column="note"))
    ways, kept = {"lake.events": (WAY,)}, {"lake.events": (keeps,)}
    return opened(folder).scan(tokens(manifest(ADA)), ways, kept, lambda _: None)


def residues(found: Scanned) -> dict[tuple[str, str], int]:
    """Count the rows of residues by column and how."""
    return dict(Counter({(one.column, one.how): one.rows for one in found.residues}))


def part(number: int, columns: dict[str, str], fixed: dict[str, str | None] | None = None) -> Part:
    """Make a Parquet file that is not there."""
    path = Path(f"/nowhere/{number}.parquet")
    return Part(
        number=number,
        path=path,
        relative=path.name,
        format="parquet",
        columns=columns,
        fixed=fixed or {},
    )


@pytest.mark.parametrize(
    ("most", "few", "short"), [(100, 20_000, 2_000), (1, 20_000, 2_000), (5, 0, 2_000), (100, 20_000, 0)]
)
def test_nothing_is_lost_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int, few: int, short: int
) -> None:
    """However files are put together and texts are kept, each row is told of once, and stays where it may."""
    fill(tmp_path)
    monkeypatch.setattr(bunches, "MOST_FILES", most)
    monkeypatch.setattr(scan, "FEW", few)
    monkeypatch.setattr(sifting, "SHORT", short)
    found = looked(tmp_path)
    assert residues(found) == FOUND
    assert {(one.column, one.how): one.rows for one in found.stayed} == STAYS
    assert [one.rows for one in found.coverage] == [60]


def test_a_damaged_file_is_told_from_those_it_is_read_with(tmp_path: Path) -> None:
    """Only it is named as not looked at; rows of the others are told of once."""
    fill(tmp_path)
    path = tmp_path / "lake/part-04.parquet"
    whole = path.read_bytes()
    path.write_bytes(b"PAR1" + b"\x55" * 200 + whole[204:])
    found = looked(tmp_path)
    assert [why.partition(":")[0] for _, why in found.unlooked] == ["file 5 of 12 in the order of names"]
    assert residues(found) == FOUND | {("customer", "exact"): 33}


def test_metadata_of_every_file_is_looked_at(tmp_path: Path) -> None:
    """Somebody in the key-value metadata of one file of many is found."""
    fill(tmp_path)
    owner = f", KV_METADATA {{owner: '{ADA.email}'}}"
    parquet(tmp_path / "lake/part-05.parquet", f"SELECT '{CEM.key}' AS customer, 'x' AS note", owner)
    assert residues(looked(tmp_path))["(metadata)", "exact"] == 1


def test_a_column_named_as_duckdb_names_a_file_is_no_trap(tmp_path: Path) -> None:
    """Files with a column `file_index` are read one by one, and it is text as any other."""
    for number in range(3):
        more = f", '{ADA.email}' AS File_Index"
        events(tmp_path / f"lake/{number}.parquet", (CEM.key, "x"), (BEN.key, "y"), more=more)
    assert residues(looked(tmp_path)) == {("File_Index", "exact"): 6}


def test_only_files_made_alike_are_put_together() -> None:
    """Other columns, other types, another order, or another partition begin another bunch."""
    text, number = {"a": "VARCHAR", "b": "BIGINT"}, {"a": "VARCHAR", "b": "INTEGER"}
    turned = {"b": "BIGINT", "a": "VARCHAR"}
    parts = [
        part(1, text), part(2, text), part(3, number), part(4, turned), part(5, turned, {"day": "1"}),
        part(6, turned, {"day": "2"}), part(7, turned, {"day": "2"}),
    ]  # fmt: skip
    found = [[one.number for one in bunch] for bunch in bunches.bunches(parts)]
    assert found == [[1, 2], [3], [4], [5], [6, 7]]

"""Guesses against columns labelled by hand: strangers' databases and three small ones of our own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
import sqlalchemy as sa
import yaml

from db import servers
from troth.catalog import detect
from troth.stores.sql import introspect, sample
from troth.stores.sql import open as sql

CASES = Path(__file__).parents[1] / "cases"
Labels = Mapping[str, Mapping[str, list[str]]]


def judged(engine: sa.Engine) -> tuple[detect.Guess, ...]:
    """Guess every column of a store."""
    catalog = introspect.read(engine, "app")
    return detect.guess(catalog, sample.profiles(engine, catalog))


def compare(guesses: tuple[detect.Guess, ...], labels: Labels) -> tuple[float, list[str]]:
    """Return the share of columns that are right, and the identity or contact columns that were missed."""
    right, missed = 0, []
    for guess in guesses:
        wanted = labels[guess.table][guess.column]
        found = guess.category if guess.is_personal else "none"
        right += found in wanted
        if found == "none" and "none" not in wanted:
            missed.append(f"{guess.table}.{guess.column}")
    assert len(guesses) == sum(map(len, labels.values()))
    return right / len(guesses), missed


def plain(name: str, *, fold: bool = False) -> Labels:
    """Read the labels of a database that comes from elsewhere."""
    tables = yaml.safe_load((CASES / f"labels_{name}.yml").read_text("utf-8"))["tables"]
    spelled = _snake if fold else str
    return {
        spelled(table): {spelled(column): label.split() for column, label in columns.items()}
        for table, columns in tables.items()
    }


def _snake(text: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() and at else c.lower() for at, c in enumerate(text))


@pytest.mark.parametrize("name", ["klinik", "saas", "mensajeria"])
def test_own_small_databases(name: str, tmp_path: Path) -> None:
    """German, camelCase and all-text Spanish databases are read nine times out of ten, nobody overlooked."""
    tables = yaml.safe_load((CASES / f"labels_{name}.yml").read_text("utf-8"))["tables"]
    engine = sql.connect("sqlite:///a.db", folder=tmp_path, create=True)
    with engine.begin() as connection:
        for table, columns in tables.items():
            declared = ", ".join(f'"{column}" {given[0]}' for column, given in columns.items())
            connection.exec_driver_sql(f'CREATE TABLE "{table}" ({declared})')
            places = ", ".join("?" * len(columns))
            for row in zip(*(given[2:] for given in columns.values()), strict=True):
                connection.exec_driver_sql(f'INSERT INTO "{table}" VALUES ({places})', row)
    labels = {t: {c: given[1].split() for c, given in columns.items()} for t, columns in tables.items()}
    share, missed = compare(judged(engine), labels)
    assert share >= 0.9 and missed == []


def test_chinook_sqlite(shared: Path) -> None:
    """Nine of ten columns of Chinook are right and no identity is missed."""
    engine = sql.connect(f"sqlite:///{shared}/data/chinook/chinook.sqlite", readonly=True)
    share, missed = compare(judged(engine), plain("chinook"))
    assert share >= 0.9 and missed == []


def test_chinook_postgresql(shared: Path, postgres: servers.Server, pg_url: str) -> None:
    """The same data in PostgreSQL's spelling is read as well."""
    script = (shared / "data/chinook/chinook_postgres.sql").read_text("utf-8")
    postgres.run_script(pg_url.rsplit("/", 1)[1], script[script.index("CREATE TABLE album") :])
    share, missed = compare(judged(sql.connect(pg_url)), plain("chinook", fold=True))
    assert share >= 0.9 and missed == []


def test_shop(shared: Path, postgres: servers.Server, pg_url: str) -> None:
    """Nine of ten columns of the sample shop are right and no identity is missed."""
    script = (shared / "bench/shop.sql").read_text("utf-8").replace("100000", "2000")
    postgres.run_script(pg_url.rsplit("/", 1)[1], script)
    share, missed = compare(judged(sql.connect(pg_url)), plain("shop"))
    assert share >= 0.9 and missed == []


def test_no_reason_repeats_a_value(tmp_path: Path) -> None:
    """Reasons speak of shares and names, never of what was sampled."""
    engine = sql.connect("sqlite:///a.db", folder=tmp_path, create=True)
    secrets = [f"zebra{n}@quagga.example" for n in range(20)]
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE users (id INTEGER PRIMARY KEY, x TEXT, note TEXT)")
        for n, secret in enumerate(secrets):
            connection.exec_driver_sql(
                "INSERT INTO users VALUES (?, ?, ?)", (n, secret, f"wrote to {secret} today")
            )
    text = repr(judged(engine))
    assert "zebra" not in text and "quagga" not in text

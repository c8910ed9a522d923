"""Harness of the contract for files of a lake: somebody's own events, messages of two people, documents."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import deltalake
import duckdb

from db.contract import ADA, BEN, CEM, EMAIL, KEY, Human, manifest
from db.contract_files import now
from troth.apply.people import PeopleStore
from troth.catalog.datamap import Dataset, Store
from troth.people.entries import Way
from troth.people.manifest import Manifest
from troth.plan.model import Blank, Prune
from troth.plan.predicates import Staged, either
from troth.rights.model import EraseFields, EraseRows, ErasureStep, Scrub
from troth.stores import delta, lake

Row = dict[str, Any]
EVENTS = {"id": "BIGINT", "customer": "VARCHAR", "email": "VARCHAR", "note": "VARCHAR"}
MESSAGES = {"id": "BIGINT", "sender": "VARCHAR", "recipient": "VARCHAR", "body": "VARCHAR"}
DEVICES = {"id": "BIGINT", "owner": "VARCHAR", "props": "JSON"}


def events(human: Human, start: int) -> list[Row]:
    """Make somebody's own rows: found by key, by address, and by an address in capital letters."""
    return [
        {"id": start, "customer": human.key, "email": human.email, "note": 'said "yes", then left'},
        {"id": start + 1, "customer": None, "email": f" {human.email.upper()}", "note": None},
        {"id": start + 2, "customer": human.key, "email": None, "note": "two\nlines"},
    ]


def messages(*, erased: bool = False) -> list[Row]:
    """Make rows of two people each, and one of others; `erased` is without Ada."""
    ada = None if erased else ADA.key
    name, email = ("[erased]", "[erased]") if erased else (ADA.name, ADA.email)
    return [
        {"id": 1, "sender": ada, "recipient": BEN.key, "body": f"Hello Ben, {name} here ({email})."},
        {"id": 2, "sender": BEN.key, "recipient": ada, "body": f"Dear {name}, ask {CEM.email}."},
        {"id": 3, "sender": BEN.key, "recipient": CEM.key, "body": "Nothing to see, and 12 things."},
    ]


def devices(*, erased: bool = False) -> list[Row]:
    """Make rows with documents."""
    found = []
    for number, human in enumerate((ADA, BEN), 1):
        gone = erased and human is ADA
        user = {"n": number} if gone else {"phone": human.phone, "n": number}
        props = json.dumps({"user": user}, separators=(",", ":"))
        found.append({"id": number, "owner": None if gone else human.key, "props": props})
    return found


def write(path: Path, rows: Sequence[Row], columns: Mapping[str, str]) -> None:
    """Write rows as the name of the file says: Parquet, CSV or JSON lines."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".jsonl":
        path.write_text("".join(json.dumps(_nested(row)) + "\n" for row in rows))
        return
    with duckdb.connect() as db:
        db.execute(f"CREATE TABLE t ({', '.join(f'{name} {kind}' for name, kind in columns.items())})")
        for row in rows:
            db.execute(f"INSERT INTO t VALUES ({', '.join('?' * len(columns))})", [row[c] for c in columns])
        kind = "parquet, COMPRESSION zstd" if path.suffix == ".parquet" else "csv, HEADER"
        db.execute(f"COPY t TO '{path}' (FORMAT {kind})")


def _nested(row: Row) -> Row:
    return {name: json.loads(one) if name == "props" else one for name, one in row.items()}


def read(path: Path) -> list[Row]:
    """Read rows back in their order."""
    if path.suffix == ".jsonl":
        return [json.loads(line) for line in path.read_text().splitlines()]
    reader = "read_parquet" if path.suffix == ".parquet" else "read_csv"
    more = "" if path.suffix == ".parquet" else ", header = true, columns = " + _columns(path)
    with duckdb.connect() as db:
        found = db.execute(f"SELECT * FROM {reader}('{path}', hive_partitioning = false{more})")
        names = [one[0] for one in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _columns(path: Path) -> str:
    known = {"events": EVENTS, "messages": MESSAGES, "devices": DEVICES}[path.parent.name]
    return "{" + ", ".join(f"{name}: '{kind}'" for name, kind in known.items()) + "}"


def _way(role: str, entry: int, column: str) -> Way:
    return Way(role=role, subject="customer", path=(), end=Staged(entry=entry, columns=(column,)))


WAYS = {
    "lake.events": (_way("customer", KEY, "customer"), _way("customer", EMAIL, "email")),
    "lake.messages": (_way("sender", KEY, "sender"), _way("recipient", KEY, "recipient")),
    "lake.devices": (_way("owner", KEY, "owner"),),
}
_MINE = either(*(way.where for way in WAYS["lake.events"]))
_SENT, _GOT = (way.where for way in WAYS["lake.messages"])


def _fields(number: int, dataset: str, where: Any, *changes: Any) -> tuple[int, ErasureStep]:
    return number, EraseFields(
        id=str(number), dataset=dataset, why="erased", changes=changes, where=where, promises=("erasure",)
    )


STEPS: tuple[tuple[int, ErasureStep], ...] = (
    _fields(1, "lake.messages", either(_SENT, _GOT), Scrub(column="body")),
    _fields(2, "lake.messages", _SENT, Blank(column="sender")),
    _fields(3, "lake.messages", _GOT, Blank(column="recipient")),
    _fields(
        4,
        "lake.devices",
        WAYS["lake.devices"][0].where,
        Prune(column="props", path=("user", "phone")),
        Blank(column="owner"),
    ),
    (5, EraseRows(id="5", dataset="lake.events", where=_MINE, promises=("erasure",))),
)
DATASETS = {
    "lake.events": Dataset.model_validate({"fields": {"contact": ["email"]}}),
    "lake.messages": Dataset.model_validate({"fields": {"text": ["body"]}, "free-text": ["body"]}),
    "lake.devices": Dataset.model_validate({"fields": {"contact": ["props"]}}),
}


_made: dict[tuple[str, str], TemporaryDirectory[str]] = {}


@dataclass
class LakeHarness:
    """A lake with three datasets in one format."""

    folder: Path
    suffix: str = "parquet"
    name: str = "lake"
    records: int = 6
    ways: Mapping[str, tuple[Way, ...]] = field(default_factory=lambda: WAYS)
    steps: tuple[tuple[int, ErasureStep], ...] = STEPS
    rows: Mapping[int, int] = field(default_factory=lambda: {1: 2, 2: 1, 3: 1, 4: 1, 5: 3})
    nooks: Mapping[str, str] = field(
        default_factory=lambda: {
            "another column": "found",
            "a list": "found",
            "a struct": "found",
            "the name of a file": "found",
            "the name of a folder": "found",
            "metadata": "found",
            "a damaged file": "unlooked",
            "bytes": "unlooked",
            "another format": "unlooked",
        }
    )

    @property
    def base(self) -> Path:
        """The folder of the lake."""
        return self.folder / "lake"

    def fill(self) -> None:
        """Make the lake anew: a copy of the first one of its kind."""
        shutil.rmtree(self.base, ignore_errors=True)
        kind = type(self).__name__, self.suffix
        if kind not in _made:
            self.make()
            _made[kind] = TemporaryDirectory(prefix="troth-lake-")
            shutil.copytree(self.base, _made[kind].name, dirs_exist_ok=True)
            return
        shutil.copytree(_made[kind].name, self.base)

    def make(self) -> None:
        """Make the lake where there is none."""
        for name, (rows, columns) in self._files(erased=False).items():
            write(self.base / f"{name}.{self.suffix}", rows, columns)

    def _files(self, *, erased: bool) -> dict[str, tuple[list[Row], dict[str, str]]]:
        mine = [] if erased else events(ADA, 10)
        return {
            "events/a": ([*events(BEN, 1), *mine, *events(BEN, 20)], EVENTS),
            "events/b": (events(CEM, 30), EVENTS),
            "messages/all": (messages(erased=erased), MESSAGES),
            "devices/all": (devices(erased=erased), DEVICES),
        }

    def opened(self) -> AbstractContextManager[PeopleStore]:
        """Open the lake."""
        return lake.opened(self.name, Store(files="lake/{dataset}/**"), DATASETS, self.folder, now)

    def manifest(self, *people: Human) -> Manifest:
        """Return the manifest of some people."""
        return manifest(*people)

    def everything(self) -> object:
        """Read every row of every file; Troth's own files are none."""
        found = sorted(path for path in self.base.rglob("*") if path.is_file())
        theirs = [path for path in found if not path.name.startswith(".troth-lake.")]
        return {str(path.relative_to(self.base)): read(path) for path in theirs}

    def after(self) -> object:
        """Return what is there once Ada is erased."""
        return {
            f"{name}.{self.suffix}": [_nested(row) for row in rows] if self.suffix == "jsonl" else rows
            for name, (rows, _) in sorted(self._files(erased=True).items())
        }

    def plant(self, text: str, nook: str) -> None:
        """Put a text into a nook."""
        other = self.base / "others"
        other.mkdir()
        with duckdb.connect() as db:
            match nook:
                case "a list":
                    db.execute(f"COPY (SELECT ['x', '{text}'] AS tags) TO '{other}/a.parquet'")
                case "a struct":
                    db.execute(f"COPY (SELECT {{'u': {{'e': 'at {text}!'}}}} AS s) TO '{other}/a.parquet'")
                case "the name of a file":
                    db.execute(f"COPY (SELECT 1 AS a) TO '{other}/{text}.parquet'")
                case "the name of a folder":
                    (other / f"who={text}").mkdir()
                    db.execute(f"COPY (SELECT 1 AS a) TO '{other}/who={text}/a.parquet'")
                case "metadata":
                    given = f"FORMAT parquet, KV_METADATA {{made_by: '{text}'}}"
                    db.execute(f"COPY (SELECT 1 AS a) TO '{other}/a.parquet' ({given})")
                case "bytes":
                    db.execute(f"COPY (SELECT '{text}'::BLOB AS a) TO '{other}/a.parquet'")
                case "a damaged file":
                    db.execute(f"COPY (SELECT '{text}' AS a) TO '{other}/a.parquet'")
                    whole = (other / "a.parquet").read_bytes()
                    (other / "a.parquet").write_bytes(whole[: len(whole) // 2])
                case "another format":
                    (other / "a.bin").write_text(text)
                case _:
                    db.execute(f"COPY (SELECT 1 AS a, 'see {text}, ok' AS b) TO '{other}/a.csv' (HEADER)")

    def plant_beside(self, text: str) -> None:
        """Let an event of Ben's name somebody."""
        write(self.base / "events" / f"c.{self.suffix}", [_beside(text)], EVENTS)

    def obstruct(self) -> None:
        """Let the journal be in the way."""
        (self.base / ".troth-lake.jsonl").mkdir()


def _beside(text: str) -> Row:
    return {"id": 99, "customer": BEN.key, "email": BEN.email, "note": f"{BEN.name} knows {text}"}


@dataclass
class DeltaHarness(LakeHarness):
    """The same three datasets as Delta tables; devices keep their documents as text."""

    nooks: Mapping[str, str] = field(
        default_factory=lambda: {
            "another column": "found",
            "a list": "found",
            "a predicate": "found",
            "an old version": "found",
            "a checkpoint": "found",
            "bytes": "unlooked",
        }
    )

    def make(self) -> None:
        """Make the tables: an append each, and for events two."""
        for name, (rows, columns) in self._files(erased=False).items():
            self._append(name.partition("/")[0], rows, columns)

    def _append(self, table: str, rows: Sequence[Row], columns: Mapping[str, str]) -> None:
        with duckdb.connect() as db:
            plain = {name: "VARCHAR" if kind == "JSON" else kind for name, kind in columns.items()}
            db.execute(f"CREATE TABLE t ({', '.join(f'{name} {kind}' for name, kind in plain.items())})")
            for row in rows:
                db.execute(
                    f"INSERT INTO t VALUES ({', '.join('?' * len(columns))})", [row[c] for c in columns]
                )
            (self.base / table).mkdir(parents=True, exist_ok=True)
            deltalake.write_deltalake(str(self.base / table), db.sql("FROM t"), mode="append")

    def opened(self) -> AbstractContextManager[PeopleStore]:
        """Open the tables."""
        declared = Store(files="lake/{dataset}", kind="delta")
        return delta.opened(self.name, declared, DATASETS, self.folder, now)

    def everything(self) -> object:
        """Read every row of the newest versions."""
        return {path.name: self._rows(path) for path in sorted(self.base.iterdir()) if path.is_dir()}

    def _rows(self, path: Path) -> list[Row]:
        found = []
        for file in sorted(deltalake.DeltaTable(str(path)).file_uris()):
            found += read(Path(file))
        return sorted(found, key=lambda row: row["id"])

    def after(self) -> object:
        """Return what is there once Ada is erased."""
        made: dict[str, list[Row]] = {}
        for name, (rows, _) in self._files(erased=True).items():
            made.setdefault(name.partition("/")[0], []).extend(rows)
        return {name: sorted(rows, key=lambda row: row["id"]) for name, rows in sorted(made.items())}

    def plant_beside(self, text: str) -> None:
        """Let an event of Ben's name somebody."""
        self._append("events", [_beside(text)], EVENTS)

    def plant(self, text: str, nook: str) -> None:
        """Put a text into a nook."""
        messages = str(self.base / "messages")
        other = {"id": 99, "sender": None, "recipient": None, "body": f"see {text}"}
        if nook == "a predicate":
            self._append("messages", [{**other, "body": f"at {text} now"}], MESSAGES)
            deltalake.DeltaTable(messages).delete(f"body = 'at {text} now'")
        elif nook == "bytes":
            with duckdb.connect() as db:
                deltalake.write_deltalake(str(self.base / "others"), db.sql(f"SELECT '{text}'::BLOB AS a"))
        elif nook == "a list":
            with duckdb.connect() as db:
                deltalake.write_deltalake(str(self.base / "others"), db.sql(f"SELECT ['x', '{text}'] AS a"))
        else:
            self._append("messages", [other], MESSAGES)
            if nook != "another column":
                table = deltalake.DeltaTable(messages)
                if nook == "a checkpoint":
                    table.create_checkpoint()
                table.delete("id = 99")

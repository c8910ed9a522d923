"""Harnesses of the contract for stores of plain files."""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from db.contract import ADA, BEN, CEM, EMAIL, KEY, PHONE, Human, manifest
from troth.apply.people import PeopleStore
from troth.catalog.datamap import Dataset, Store
from troth.people.entries import Way
from troth.people.manifest import Manifest
from troth.plan.predicates import Staged, either
from troth.rights.model import EraseFields, ErasureStep, Scrub
from troth.stores import logs

NOW = datetime(2026, 1, 2, tzinfo=UTC)


def now() -> datetime:
    """Return the instant of every test."""
    return NOW


def tree(folder: Path) -> dict[str, bytes]:
    """Read every file below a folder, but for Troth's own; compressed ones by their content."""
    return {
        str(path.relative_to(folder)): gzip.decompress(path.read_bytes())
        if path.suffix == ".gz"
        else path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not (path.name.startswith(".troth-") and path.suffix in (".jsonl", ".lock"))
    }


def way(entry: int, column: str, role: str = "customer") -> Way:
    """Make a way that ends at a column of its own row."""
    return Way(role=role, subject="customer", path=(), end=Staged(entry=entry, columns=(column,)))


@dataclass(frozen=True)
class LogsHarness:
    """Log files, one of them compressed."""

    folder: Path
    name: str = "web"
    records: int = 5

    ways = {"web.lines": tuple(way(entry, "line") for entry in (EMAIL, KEY, PHONE))}
    where = either(*(one.where for one in ways["web.lines"]))
    steps: tuple[tuple[int, ErasureStep], ...] = (
        (
            3,
            EraseFields(
                id="web.lines",
                dataset="web.lines",
                why="scrub",
                changes=(Scrub(column="line"),),
                where=where,
                promises=("erasure",),
            ),
        ),
    )
    rows = {3: 5}
    nooks = {
        "another line": "found",
        "a compressed file": "found",
        "a damaged file": "unlooked",
        "a name": "found",
    }

    @property
    def _logs(self) -> Path:
        return self.folder / "logs"

    def fill(self) -> None:
        shutil.rmtree(self._logs, ignore_errors=True)
        (self._logs / "old").mkdir(parents=True)
        for name, text in _log_files(lambda human: (human.email, human.key, human.phone)).items():
            path = self._logs / name
            path.write_bytes(gzip.compress(text) if path.suffix == ".gz" else text)

    def opened(self) -> AbstractContextManager[PeopleStore]:
        declared = Store(files="logs/**/*.log*", kind="logs")
        datasets = {"web.lines": Dataset(free_text=("line",))}
        return logs.opened(self.name, declared, datasets, self.folder, now)

    def manifest(self, *people: Human) -> Manifest:
        return manifest(*people)

    def everything(self) -> object:
        return tree(self._logs)

    def after(self) -> object:
        gone = ("[erased]", "[erased]", "[erased]")
        return _log_files(lambda human: gone if human is ADA else (human.email, human.key, human.phone))

    def plant(self, text: str, nook: str) -> None:
        line = f"somebody {text} came\n".encode()
        if nook == "another line":
            with (self._logs / "app.log").open("ab") as file:
                file.write(line)
        elif nook == "a name":
            (self._logs / f"{text}.log").write_bytes(b"nothing\n")
        else:
            packed = gzip.compress(line * 99)
            whole = packed if nook == "a compressed file" else packed[: len(packed) // 2]
            (self._logs / "app.log.9.gz").write_bytes(whole)

    def plant_beside(self, text: str) -> None:
        with (self._logs / "idle.log").open("ab") as file:
            file.write(f"06:00:09 {BEN.email} wrote to {text}\n".encode())

    def obstruct(self) -> None:
        (self._logs / ".troth-web.jsonl").mkdir()


def _log_files(shown: Callable[[Human], tuple[str, str, str]]) -> dict[str, bytes]:
    """Write the logs with what is shown of each person."""
    (ada, ada_key, ada_phone), (ben, ben_key, _), (cem, _, cem_phone) = map(shown, (ADA, BEN, CEM))
    app = (
        f"06:00:01 login {ada} from 10.0.0.1\r\n"
        f"06:00:02 login {ben} from 10.0.0.2\r\n"
        f"06:00:03 customer={ada_key} bought 12 things\n"
        "06:00:04 status ok\n"
        f'06:00:05 GET /cart?email={ada.upper() if ada != "[erased]" else ada}&x=1 by {ben_key} for {ben} "curl"\n'
        f"06:00:06 {ben} and {cem} met\n"
    ).encode()
    return {
        "app.log": app + b"06:00:07 \xff\xfe not text, and no line end",
        "idle.log": b"06:00:01 nothing\n",
        "old/app.log.1.gz": f"sent to {ada}\nsent to {cem}\ncalled {ada_phone}, then {cem_phone}\n".encode(),
    }

"""Harness of the contract for a tree of files with a folder for each customer."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

from db.contract import ADA, BEN, CEM, KEY, Human, manifest
from db.contract_files import now, tree, way
from troth.apply.people import PeopleStore
from troth.catalog.datamap import Dataset, Store
from troth.people.entries import Way
from troth.people.manifest import Manifest
from troth.rights.model import EraseRows, ErasureStep
from troth.stores import trees

DATASET = "uploads.files"
WAYS = {DATASET: (way(KEY, "customer_id"),)}


def _files(*people: Human) -> dict[str, bytes]:
    """Write everybody's files, and one that is nobody's."""
    files = {"readme.txt": b"Nobody's.\n"}
    for human in people:
        files |= {
            f"{human.key}/photo.png": b"\x89PNG\r\n\x00" + human.key.encode(),
            f"{human.key}/letters/2025/first.txt": f"Yours, {human.name} <{human.email}>\n".encode(),
            f"{human.key}/letters/.hidden": b"",
        }
    return files


@dataclass(frozen=True)
class TreeHarness:
    """A folder of uploads."""

    folder: Path
    name: str = "uploads"
    records: int = 3
    ways: Mapping[str, tuple[Way, ...]] = field(default_factory=lambda: WAYS)
    steps: tuple[tuple[int, ErasureStep], ...] = (
        (1, EraseRows(id=DATASET, dataset=DATASET, where=WAYS[DATASET][0].where, promises=("erasure",))),
    )
    rows: Mapping[int, int] = field(default_factory=lambda: {1: 3})
    nooks: Mapping[str, str] = field(
        default_factory=lambda: {
            "somebody else's file": "found",
            "a picture": "unlooked",
            "a name": "found",
            "an empty folder": "found",
            "a link": "unlooked",
        }
    )

    @property
    def _tree(self) -> Path:
        return self.folder / "uploads"

    def fill(self) -> None:
        """Make the tree anew."""
        shutil.rmtree(self._tree, ignore_errors=True)
        for path, data in _files(ADA, BEN, CEM).items():
            (self._tree / path).parent.mkdir(parents=True, exist_ok=True)
            (self._tree / path).write_bytes(data)
        (self._tree / BEN.key / "empty").mkdir()

    def opened(self) -> AbstractContextManager[PeopleStore]:
        """Open it."""
        declared = Store(files="uploads/{customer.id}/**", kind="tree")
        return trees.opened(self.name, declared, {DATASET: Dataset()}, self.folder, now)

    def manifest(self, *people: Human) -> Manifest:
        """Return the manifest of some people."""
        return manifest(*people)

    def everything(self) -> object:
        """Read every file, and name every folder."""
        folders = sorted(str(p.relative_to(self._tree)) for p in self._tree.rglob("*") if p.is_dir())
        return tree(self._tree), folders

    def after(self) -> object:
        """Return the tree without Ada's files and folders."""
        folders = [f"{h.key}{below}" for h in (BEN, CEM) for below in ("", "/letters", "/letters/2025")]
        return dict(sorted(_files(BEN, CEM).items())), sorted([*folders, f"{BEN.key}/empty"])

    def plant(self, text: str, nook: str) -> None:
        """Put a text where no step looks."""
        ben = self._tree / BEN.key
        if nook == "somebody else's file":
            (ben / "notes.csv").write_text(f"1;{text};2\n")
        elif nook == "a picture":
            (ben / "scan.jpg").write_bytes(b"\xff\xd8\x00" + text.encode())
        elif nook == "a name":
            (ben / f"letter to {text}.pdf").write_bytes(b"%PDF")
        elif nook == "a link":
            (self.folder / "outside.txt").write_text(text)
            (ben / "link.txt").symlink_to(self.folder / "outside.txt")
        else:
            (ben / text).mkdir()

    def plant_beside(self, text: str) -> None:
        """Let Ben have a file about somebody."""
        (self._tree / BEN.key / "notes.csv").write_text(f"{BEN.email};{text}\n")

    def obstruct(self) -> None:
        """Let nothing be remembered."""
        (self._tree / ".troth-uploads.jsonl").mkdir()

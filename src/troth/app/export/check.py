"""Check a package: the signature of its manifests, the hash of every file, and that nothing was put beside them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from troth.app import ledgers
from troth.app.clock import Clock
from troth.errors import Refused
from troth.evidence.verify import Invalid, VerifierKey
from troth.problems import BadInput, Problem
from troth.rights import export_manifest
from troth.rights.export_manifest import LARGEST, MANIFEST, NOTE, Folder, Listed

PIECE = 1_000_000
LARGEST_NOTE = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What a check found."""

    faults: tuple[str, ...]
    """What is not as the manifest says; names of files, never what is in them."""
    files: int
    people: int
    variant: str = ""
    made: str = ""
    key: str = ""
    incomplete: bool = False
    simulation: bool = False


def check(folder: Path, project: Path, environment: Mapping[str, str], clock: Clock, key: str) -> Checked:
    """Check a package, or the folder of one person.

    Args:
        folder: The package.
        project: The project whose ledger signed it, where no key is pinned.
        environment: Where the ledger's place is looked up.
        clock: For the ledger.
        key: A public key, or a file with one; the ledger's own where empty.

    Raises:
        BadInput: the folder holds no package, or the key cannot be read.
        Refused: no key is given, and there is no ledger.
    """
    if not (folder / MANIFEST).is_file():
        problem = Problem(
            code="unreadable-file",
            message=f"{folder} holds no {MANIFEST}: it is no package, or not a whole one.",
            hint="Name the folder given to --out, or one person's folder in it.",
        )
        raise BadInput([problem])
    known = _key(project, environment, clock, key)
    try:
        listed, _ = _listed(folder, known)
    except Invalid as bad:
        return Checked(faults=(f"{MANIFEST}: {bad}",), files=0, people=0)
    faults = list(_faults(folder, listed, known))
    return Checked(
        faults=tuple(faults),
        files=len(listed.files) + sum(_count(folder, one) for one in listed.folders),
        people=len(listed.folders),
        variant=listed.variant,
        made=listed.made,
        key=f"{known.name}+{known.key_id.hex()}",
        incomplete=listed.incomplete,
        simulation=listed.simulation,
    )


def _key(project: Path, environment: Mapping[str, str], clock: Clock, key: str) -> VerifierKey:
    if not key:
        if not ledgers.exists(project, environment):
            raise Refused(
                "There is no ledger here whose key could check the package.",
                hint="Run it in the project that made the package, or give the public key by --key.",
            )
        with ledgers.opened(project, environment, clock) as ledger:
            return ledger.keys.signing.verifier
    try:
        path = Path(key)
        text = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else key
        return VerifierKey.parse(text.strip())
    except Invalid as bad:
        problem = Problem(
            code="bad-value", message=f"The key of --key cannot be read: {bad}.", hint="Give it whole."
        )
        raise BadInput([problem]) from bad


def _listed(folder: Path, key: VerifierKey) -> tuple[Listed, str]:
    """Read a manifest whose signature holds; return it with its hash."""
    data = _read(folder / MANIFEST, LARGEST)
    text = _read(folder / NOTE, LARGEST_NOTE).decode("utf-8", "replace")
    export_manifest.signed(data, text, key)
    return export_manifest.load(data), hashlib.sha256(data).hexdigest()


def _read(path: Path, most: int) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(most + 1)
    except OSError as error:
        raise Invalid(f"{path.name} cannot be read") from error
    if len(data) > most:
        raise Invalid(f"{path.name} is too large")
    return data


def _faults(folder: Path, listed: Listed, key: VerifierKey) -> Iterator[str]:
    yield from _files(folder, listed, "")
    for one in listed.folders:
        yield from _of_person(folder / one.name, one, listed, key)


def _of_person(folder: Path, one: Folder, outer: Listed, key: VerifierKey) -> Iterator[str]:
    if not one.manifest:
        yield from _files(folder, replace(outer, files=one.files, folders=()), f"{one.name}/")
        return
    try:
        inner, found = _listed(folder, key)
    except Invalid as bad:
        yield f"{one.name}: {bad}"
        return
    if found != one.manifest:
        yield f"{one.name}: {MANIFEST} is another one than the package was made with"
    yield from _files(folder, inner, f"{one.name}/")


def _files(folder: Path, listed: Listed, prefix: str) -> Iterator[str]:
    """Compare what is there with what is listed, both ways."""
    for file in listed.files:
        path = folder / file.name
        if path.is_symlink() or not path.is_file():
            yield f"{prefix}{file.name} is not there"
        elif path.stat().st_size != file.bytes or _hash(path) != file.sha256:
            yield f"{prefix}{file.name} was changed"
    known = {MANIFEST, NOTE, *(file.name for file in listed.files)}
    inner = {one.name for one in listed.folders}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if name.split("/")[0] not in inner and not path.is_dir() and name not in known:
            yield f"{prefix}{name} was put there by somebody else"


def _hash(path: Path) -> str:
    made = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            made.update(piece)
    return made.hexdigest()


def _count(folder: Path, one: Folder) -> int:
    if not one.manifest:
        return len(one.files)
    try:
        return len(export_manifest.load(_read(folder / one.name / MANIFEST, LARGEST)).files)
    except Invalid:
        return 0

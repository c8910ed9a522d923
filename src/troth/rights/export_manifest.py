"""The manifest of an export: every file with its hash, every place that was looked at, signed. Pure.

Format `troth.export-manifest/1`. One stands in each person's folder and goes with it; one over all of them stays with
whoever made the export. Neither holds a personal value. `manifest.note` is a signed note (C2SP signed-note) over the
SHA-256 of `manifest.json`, by the key that signs the evidence log.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from troth.evidence.note import Signer, sign
from troth.evidence.verify import Invalid, Note, VerifierKey
from troth.rights.export import Labels, Reason
from troth.rights.export_cells import encode
from troth.rights.export_made import Made

FORMAT = "troth.export-manifest/1"
MANIFEST, NOTE = "manifest.json", "manifest.note"
LARGEST = 50_000_000
"""Bytes of a manifest that is read."""
_NAME = re.compile(r"[A-Za-z0-9._-]{1,150}(?:/[A-Za-z0-9._-]{1,150})?")
_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """One file of an export."""

    name: str
    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How many rows of one dataset are shown and withheld."""

    dataset: str
    rows: int
    withheld: Mapping[Reason, int]
    left_out: Reason | None = None
    """Why nothing of it is shown; then its rows were not counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """One person of an export."""

    person: int
    asked: tuple[int, ...]
    """Positions of the identities that named the person."""
    name: str
    """Empty where nothing was found."""
    rows: int
    manifest: str = ""
    """SHA-256 of the person's own manifest; empty where the folder has none, for it has one file of data alone."""
    files: tuple[File, ...] = ()
    """Its files, where it has no manifest of its own."""


def head(made: Made, labels: Labels) -> str:
    """Write what all manifests of an export say alike."""
    value = {
        "format": FORMAT,
        "organisation": made.organisation,
        "variant": labels.variant,
        "made": made.at,
        "simulation": made.simulation,
        "incomplete": made.incomplete,
        "policy": made.policy,
        "searched": list(made.stores),
        "not-looked-at": [{"what": what, "why": why} for what, why in made.unlooked],
    }
    return "{" + ",\n".join(f"{encode(key)}:{encode(one)}" for key, one in value.items())


def of_person(begun: str, number: int, counts: Iterable[Count], files: Iterable[File]) -> str:
    """Write the manifest of one person's folder."""
    lines = [
        begun,
        f'"person":{number}',
        _several("datasets", map(_count, counts)),
        _several("files", map(_file, files)),
    ]
    return ",\n".join(lines) + "}\n"


def of_all(
    begun: str, counts: Iterable[Count], files: Iterable[File], folders: Iterable[Folder], salt: str
) -> str:
    """Write the manifest over all people; the salt stands in it so that whoever destroys it unties the evidence."""
    lines = [
        begun,
        _several("datasets", map(_count, counts)),
        _several("files", map(_file, files)),
        _several("people", map(_folder, folders)),
        f'"salt":{encode(salt)}',
    ]
    return ",\n".join(lines) + "}\n"


def _several(key: str, items: Iterable[str]) -> str:
    return f"{encode(key)}:[\n" + ",\n".join(items) + "\n]"


def _count(one: Count) -> str:
    found: dict[str, object] = {"dataset": one.dataset}
    found |= {"rows": one.rows} if one.left_out is None else {"left-out": one.left_out}
    if one.withheld:
        found["withheld"] = dict(one.withheld)
    return encode(found)


def _file(one: File) -> str:
    # Names are our own and hashes are hexadecimal: nothing to escape, a thousand times over.
    return f'{{"name":"{one.name}","sha256":"{one.sha256}","bytes":{one.bytes}}}'


def _folder(one: Folder) -> str:
    asked = ",".join(map(str, one.asked))
    whole = f',"manifest":"{one.manifest}"' if one.manifest else ""
    files = f',"files":[{",".join(map(_file, one.files))}]' if one.files else ""
    name = f'"{one.name}"' if one.name else "null"
    return f'{{"person":{one.person},"asked":[{asked}],"folder":{name},"rows":{one.rows}{whole}{files}}}'


def note(sha256: str, at: str, signer: Signer) -> str:
    """Sign the SHA-256 of a manifest, with the instant it states."""
    return sign(f"{FORMAT}\n{sha256}\n{at}\n", signer)


def signed(manifest: bytes, text: str, key: VerifierKey) -> str:
    """Check that a note is about a manifest and signed by a key; return the instant it states.

    Raises:
        Invalid: it is not.
    """
    parsed = Note.parse(text)
    parsed.check(key)
    lines = parsed.text.split("\n")
    if len(lines) != 4 or lines[0] != FORMAT:
        raise Invalid("the note is about something else")
    if lines[1] != hashlib.sha256(manifest).hexdigest():
        raise Invalid("the manifest was changed after it was signed")
    return lines[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """What a manifest says is there."""

    variant: str
    made: str
    files: tuple[File, ...]
    folders: tuple[Folder, ...] = ()
    """Folders of people."""
    incomplete: bool = False
    simulation: bool = False


def load(data: bytes) -> Listed:
    """Read a manifest.

    Raises:
        Invalid: it is none.
    """
    try:
        value: Any = json.loads(data)
        assert value["format"] == FORMAT
        people: Sequence[Any] = value.get("people", ())
        return Listed(
            variant=str(value["variant"]),
            made=str(value["made"]),
            files=_listed(value["files"]),
            folders=tuple(
                Folder(
                    person=int(p["person"]),
                    asked=(),
                    name=_name(p["folder"]),
                    rows=int(p["rows"]),
                    manifest=_hash(p["manifest"]) if "manifest" in p else "",
                    files=_listed(p.get("files", ())),
                )
                for p in people
                if p["folder"]
            ),
            incomplete=bool(value["incomplete"]),
            simulation=bool(value["simulation"]),
        )
    except (ValueError, KeyError, TypeError, AssertionError, RecursionError) as bad:
        raise Invalid(f"{MANIFEST} is not a manifest of an export") from bad


def _listed(found: Iterable[Any]) -> tuple[File, ...]:
    return tuple(File(name=_name(f["name"]), sha256=_hash(f["sha256"]), bytes=int(f["bytes"])) for f in found)


def _name(value: Any) -> str:
    """Take a name that leads nowhere else."""
    if not isinstance(value, str) or not _NAME.fullmatch(value) or ".." in value.split("/"):
        raise ValueError
    return value


def _hash(value: Any) -> str:
    if not isinstance(value, str) or not _HASH.fullmatch(value):
        raise ValueError
    return value

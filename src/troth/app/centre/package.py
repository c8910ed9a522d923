"""The package of an answered request, handed to the person: listed, behind a fresh code, once, as one archive.

Files come from the signed manifests, never from an address somebody typed. The archive is written as it is read, so
memory stays flat; it is always the same bytes (stored, not packed; one date), so that its length and SHA-256 can be
said before. What each person gets is their own folder: the list over all of them stays here.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, cast

from troth.app import ledgers
from troth.app import project as projects
from troth.app.casework import planning
from troth.app.casework.desk import Desk
from troth.app.centre.filing import BY
from troth.app.proving import facts as proving_facts
from troth.app.proving import identity as proving
from troth.app.proving import letters as proving_letters
from troth.app.requests.opening import Work
from troth.app.requests.steps import Place
from troth.cases import identity_points, moves, register
from troth.cases.case import Case
from troth.cases.deciding import GRANTS
from troth.errors import Damaged, Refused, StoreError
from troth.evidence.entry import Entry
from troth.evidence.verify import Invalid
from troth.rights import export_manifest
from troth.rights.export_manifest import LARGEST, MANIFEST, NOTE

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer as Buffer

PIECE = 256 * 1024
GOOD = timedelta(minutes=15)
"""How long a package can be taken once a code was right."""
MARK = 0o100600 << 16
"""A plain file that its owner may read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One file of the archive."""

    name: str
    path: Path
    bytes: int
    sha256: str
    """As the manifest has it; empty for the manifest itself and its signature."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """What can be downloaded."""

    case: int
    digest: str
    """As the request has it."""
    made: datetime
    members: tuple[Member, ...]

    @property
    def bytes(self) -> int:
        """The length of what is in it."""
        return sum(one.bytes for one in self.members)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """The archive as it will arrive."""

    bytes: int
    sha256: str


def waiting(case: Case, at: Place) -> Parcel | None:
    """Return the package of a request that was answered with it; None where there is none, or it is gone."""
    answered = case.last("answered")
    if case.state != moves.ANSWERED or case.outcome not in GRANTS or answered is None:
        return None
    if "package" not in answered.body:
        return None
    desk = Desk(folder=at.folder, environment=at.environment, clock=at.clock, by=BY)
    try:
        folder = planning.package_of(desk, case)
        return _parcel(case, folder, str(answered.body["package"]))
    except (Refused, Invalid, OSError):
        return None


def measure(parcel: Parcel) -> Measured:
    """Say how long the archive is and its SHA-256: it is written once, to nowhere.

    Raises:
        Damaged: a file is not as the manifest has it.
    """
    known = _MEASURED.get(parcel.digest)
    if known is None:
        made, size = hashlib.sha256(), 0
        for piece in stream(parcel, checked=True):
            made.update(piece)
            size += len(piece)
        known = Measured(bytes=size, sha256=made.hexdigest())
        while len(_MEASURED) >= REMEMBERED:
            _MEASURED.pop(next(iter(_MEASURED), ""), None)
        _MEASURED[parcel.digest] = known
    return known


REMEMBERED = 256
_MEASURED: dict[str, Measured] = {}


def stream(parcel: Parcel, *, checked: bool = False) -> Iterator[bytes]:
    """Yield the archive piece by piece.

    Raises:
        Damaged: with `checked`, a file is not as the manifest has it.
    """
    sink = _Sink()
    moment = parcel.made.timetuple()[:6]
    with zipfile.ZipFile(cast("io.BufferedIOBase", sink), "w", zipfile.ZIP_STORED) as archive:
        for one in parcel.members:
            info = zipfile.ZipInfo(one.name, date_time=moment)
            info.external_attr = MARK
            info.file_size = one.bytes
            made = hashlib.sha256()
            with archive.open(info, "w") as into, one.path.open("rb") as file:
                while piece := file.read(PIECE):
                    made.update(piece)
                    into.write(piece)
                    yield from sink.taken()
            if checked and one.sha256 and made.hexdigest() != one.sha256:
                raise Damaged("A file of a package was changed since it was signed.")
            yield from sink.taken()
    yield from sink.taken()


def send_code(id: int, at: Place) -> None:
    """Send a fresh code for the package to the address on file; without one, to where answers go.

    Meant to run after the page was answered. Whoever is answered with a package is proven, so the address they gave
    counts where no store has one.
    """
    now = at.clock.now()
    project = projects.load(at.folder, now.date())
    with ledgers.opened(at.folder, at.environment, at.clock) as ledger:
        case = register.read(ledger, id)
        if waiting(case, at) is None:
            return
        contents = register.contents(ledger, case)
        facts = identity_points.facts(project.datamap)
        try:
            found = proving_facts.on_file(project, contents.identities, facts, at.environment, now)
            to = next(iter(found.addresses), "")
        except (Refused, StoreError):
            to = ""
        if not to and "@" in contents.reply_to and "\n" not in contents.reply_to:
            to = contents.reply_to
        if not to:
            return
        with ledger.writing():
            code, until = proving.new_code(), now + proving.VALID
            work = Work(project=project, ledger=ledger, now=now, staff=ledger.staff.identify(BY, at=now))
            proving_letters.code(work, case, contents, to, code, until=until)
            ledger.codes.keep(code, case=id, at=now, expires=until)
            ledger.checkpoint(at=now)


def open_with(id: int, given: str, at: Place) -> str:
    """Compare a code; return the secret part of a link that hands the package out once, or nothing."""
    now = at.clock.now()
    plain = "".join(sign for sign in given if sign.isalnum())
    with ledgers.opened(at.folder, at.environment, at.clock) as ledger, ledger.writing():
        case = register.read(ledger, id)
        if waiting(case, at) is None or ledger.codes.guess(plain, case=id, at=now).said != "right":
            return ""
        ledger.links.end(id, "download", at=now)
        return ledger.links.make("download", id, at=now, until=now + GOOD)


def behind(id: int, secret: str, at: Place) -> Parcel | None:
    """Return the package a download link hands out now; None where it hands out none."""
    with ledgers.opened(at.folder, at.environment, at.clock) as ledger:
        link = ledger.links.find("download", secret)
        if link is None or link.case != id or not link.opens(at.clock.now()):
            return None
        return waiting(register.read(ledger, id), at)


def take(id: int, secret: str, at: Place) -> Parcel | None:
    """Use a download link up, with its evidence, and return the package; None where it was used or has run out."""
    now = at.clock.now()
    with ledgers.opened(at.folder, at.environment, at.clock) as ledger, ledger.writing():
        link = ledger.links.find("download", secret)
        parcel = waiting(register.read(ledger, id), at) if link is not None and link.case == id else None
        if link is None or parcel is None or not ledger.links.use_up(link.id, at=now):
            return None
        body = {
            "case": f"case:{id}",
            "package": parcel.digest,
            "files": len(parcel.members),
            "bytes": measure(parcel).bytes,
        }
        ledger.append(Entry(kind="case.downloaded", at=now, body=body))
        ledger.checkpoint(at=now)
        return parcel


def _parcel(case: Case, folder: Path, digest: str) -> Parcel:
    listed = export_manifest.load(_read(folder / MANIFEST))
    members: list[Member] = []
    for one in listed.folders:
        own, prefix = folder / one.name, f"{one.name}/" if len(listed.folders) > 1 else ""
        files = one.files
        if one.manifest:
            files = export_manifest.load(_read(own / MANIFEST)).files
            members += [_member(own, prefix, name, (own / name).stat().st_size) for name in (MANIFEST, NOTE)]
        members += [_member(own, prefix, file.name, file.bytes, file.sha256) for file in files]
    if not members:
        raise Invalid("the package holds nothing")
    made = datetime.fromisoformat(listed.made)
    return Parcel(case=case.id, digest=digest, made=made, members=tuple(members))


def _member(folder: Path, prefix: str, name: str, size: int, sha256: str = "") -> Member:
    path = folder / name
    if path.is_symlink() or not path.is_file():
        raise Invalid(f"{name} is not there")
    return Member(name=f"{prefix}{name}", path=path, bytes=size, sha256=sha256)


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(LARGEST)


class _Sink(io.RawIOBase):
    """Takes what is written and hands it on."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        """Tell that it can be written to, and nothing else."""
        return True

    def write(self, data: Buffer, /) -> int:
        """Keep a piece."""
        self._pieces.append(bytes(data))
        return len(self._pieces[-1])

    def taken(self) -> Iterator[bytes]:
        """Hand on what was kept."""
        pieces, self._pieces = self._pieces, []
        yield from pieces

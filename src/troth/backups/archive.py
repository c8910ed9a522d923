"""An encrypted archive with a key for each person in it, so that one person's part can be put beyond use.

A zip file: `archive.json` names format, archive and members by number; `members/N` is AES-256-GCM (RFC 5116) in
pieces of one MiB, each bound to its archive, member and place, and the last one marked, so that nothing can be
exchanged, left out or cut off unseen. A key is used for one member only, so a counter serves as nonce. Keys are kept
elsewhere.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from troth.errors import Damaged, Refused

FORMAT = "troth.archive/1"
PIECE = 1 << 20
"""Bytes of plain text in a piece."""
TAG = 16
NAME = "archive.json"
LARGEST_LIST = 64_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One person's part, before it is written."""

    member: int
    key: bytes = field(repr=False)
    source: Path


def write(target: IO[bytes], archive: str, parts: Iterable[Part]) -> int:
    """Write an archive; return how many parts it has."""
    members = []
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as made:
        for part in parts:
            with (
                part.source.open("rb") as plain,
                made.open(_name(part.member), "w", force_zip64=True) as sealed,
            ):
                for piece in _sealed(plain, archive, part):
                    sealed.write(piece)
            members.append(part.member)
        listing = {"format": FORMAT, "archive": archive, "members": members}
        made.writestr(NAME, json.dumps(listing, separators=(",", ":")))
    return len(members)


def name(path: Path) -> str:
    """Return the id of an archive.

    Raises:
        Refused: the file is no archive of this format.
    """
    return str(_listing(path)["archive"])


def read(path: Path, member: int, key: bytes) -> Iterator[bytes]:
    """Yield the plain text of one part, piece by piece.

    Raises:
        Refused: the file is no archive, or has no such part.
        Damaged: the part was changed, or the key is another's; pieces yielded before are good.
    """
    listing = _listing(path)
    if member not in listing["members"]:
        raise Refused(f"The archive has no part {member}.")
    with zipfile.ZipFile(path) as opened, opened.open(_name(member)) as sealed:
        yield from _opened(sealed, str(listing["archive"]), member, key)


def _listing(path: Path) -> dict[str, Any]:
    try:
        with zipfile.ZipFile(path) as opened, opened.open(NAME) as file:
            listing: Any = json.loads(file.read(LARGEST_LIST))
    except (OSError, KeyError, zipfile.BadZipFile, ValueError) as error:
        raise Refused(f"{path.name} is no archive that Troth made.") from error
    if not isinstance(listing, dict) or listing.get("format") != FORMAT:
        raise Refused(f"An archive of format {FORMAT} was expected; {path.name} is another.")
    return listing


def _name(member: int) -> str:
    return f"members/{member}"


def _sealed(plain: IO[bytes], archive: str, part: Part) -> Iterator[bytes]:
    cipher, number = AESGCM(part.key), 0
    piece = plain.read(PIECE)
    while True:
        following = plain.read(PIECE)
        last = not following
        yield cipher.encrypt(_nonce(number), piece, _bound(archive, part.member, number, last))
        if last:
            return
        piece, number = following, number + 1


def _opened(sealed: IO[bytes], archive: str, member: int, key: bytes) -> Iterator[bytes]:
    cipher, number = AESGCM(key), 0
    piece = sealed.read(PIECE + TAG)
    while True:
        following = sealed.read(PIECE + TAG)
        last = not following
        try:
            yield cipher.decrypt(_nonce(number), piece, _bound(archive, member, number, last))
        except InvalidTag as error:
            raise Damaged(
                f"Part {member} of the archive cannot be opened: it was changed, or its key is another's."
            ) from error
        if last:
            return
        piece, number = following, number + 1


def _nonce(number: int) -> bytes:
    return number.to_bytes(12, "big")


def _bound(archive: str, member: int, number: int, last: bool) -> bytes:
    return f"{FORMAT}|{archive}|{member}|{number}|{'last' if last else 'more'}".encode()

"""Check an evidence bundle, alone: this file needs Python 3.11+, the standard library and `cryptography`.

    python verify.py bundle.zip --key KEY --since earlier-checkpoint.txt

It recomputes every hash and root from the entries, checks every signature, and compares with a checkpoint
kept from earlier. It does not judge what the entries say. The rest of the evidence package builds on the
readers here, so that what is written and what is verified cannot drift apart. Exit 0 verified (or, without
--key, internally consistent), 1 not verified, 2 cannot be read.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import re
import struct
import sys
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import IO, NoReturn

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

BUNDLE_FORMAT = "troth.bundle/1"
README, KEY, ENTRIES, CHECKPOINTS = "README.txt", "key.txt", "entries.jsonl", "checkpoints.jsonl"
MANIFEST = "manifest.json"
MEMBERS = (README, KEY, ENTRIES, CHECKPOINTS, MANIFEST)
"""What a bundle holds, in this order and nothing else."""

MAX_LINE = 65_536
"""The longest line, and the largest small member, that is read (bytes)."""
MAX_INTEGER = 2**53 - 1
"""The largest whole number every JSON reader keeps exactly (RFC 7493 §2.2)."""
ED25519 = b"\x01"
"""The signature type byte of C2SP signed-note."""


class Invalid(ValueError):
    """What was read does not hold; the message says where and why."""


class Unreadable(ValueError):
    """The bundle, the key or the earlier checkpoint cannot be read at all; the message says why."""


# Canonical JSON: RFC 8785 without floats, keys sorted by code point.


def render(value: object) -> bytes:
    """Write a JSON value canonically; `canonical.encode` refuses first what has no canonical form."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode("utf-8")


def parse_canonical(data: bytes) -> object:
    """Read canonical JSON, or raise `Invalid` when it is none (a repeated key included)."""
    try:
        value: object = json.loads(
            data.decode("utf-8"), parse_float=_no_float, parse_constant=_no_float, parse_int=_integer
        )
        same = render(value) == data
    except (ValueError, RecursionError) as error:
        known = isinstance(error, Invalid)
        raise Invalid(str(error) if known else "it is not JSON as Troth writes it") from error
    if not same:
        raise Invalid("its JSON is not in canonical form")
    return value


def _no_float(_: str) -> NoReturn:
    raise Invalid("it holds a number that is not whole")


def _integer(digits: str) -> int:
    if len(digits) > 17 or abs(int(digits)) > MAX_INTEGER:
        raise Invalid("it holds a number that is too large")
    return int(digits)


# The tree: RFC 9162 §2.1.1.

EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(entry: bytes) -> bytes:
    """Hash an entry as a leaf: SHA-256(0x00 || entry)."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two children: SHA-256(0x01 || left || right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Tree:
    """The compact state of a tree: the roots of its perfect subtrees, widest first; at most 64 hashes.

    It is enough to append and to tell the root; no leaf is needed again.
    """

    size: int = 0
    peaks: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        widths = self.size.bit_count() if self.size >= 0 else -1
        if len(self.peaks) != widths or any(len(peak) != 32 for peak in self.peaks):
            raise Invalid(f"a tree of size {self.size} does not have these {len(self.peaks)} subtree hashes")

    def append(self, leaf: bytes) -> Tree:
        """Return the tree with one more leaf hash."""
        peaks, rest = list(self.peaks), self.size
        while rest & 1:
            leaf = node_hash(peaks.pop(), leaf)
            rest >>= 1
        return Tree(self.size + 1, (*peaks, leaf))

    @property
    def root(self) -> bytes:
        """The root; for no entries it is SHA-256 of nothing (RFC 9162 §2.1.1)."""
        if not self.peaks:
            return EMPTY_ROOT
        *others, root = self.peaks
        for peak in reversed(others):
            root = node_hash(peak, root)
        return root


# Signed notes and checkpoints: C2SP signed-note, C2SP tlog-checkpoint.


def _base64(text: str, length: int | None = None) -> bytes:
    """Decode strictly: `length` bytes if given, in the one spelling that encodes them."""
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise Invalid("its base64 cannot be decoded") from error
    if len(data) != (length or len(data)) or base64.b64encode(data).decode() != text:
        raise Invalid("its base64 is cut, too long, or not in its one spelling")
    return data


def valid_name(name: str) -> bool:
    """Tell whether a key may bear the name: not empty, no white space, no plus, no control character."""
    return bool(name) and not any(c.isspace() or c == "+" or ord(c) < 32 for c in name)


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifierKey:
    """A named Ed25519 public key; written `name+keyid+base64(0x01 || key)`."""

    name: str
    public: bytes

    @property
    def key_id(self) -> bytes:
        """The first four bytes of SHA-256(name, newline, 0x01, public key)."""
        return hashlib.sha256(self.name.encode() + b"\n" + ED25519 + self.public).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(ED25519 + self.public).decode()}"

    @classmethod
    def parse(cls, text: str) -> VerifierKey:
        """Read the written form, or raise `Invalid`."""
        name, _, rest = text.partition("+")
        written_id, _, encoded = rest.partition("+")
        if not valid_name(name) or not encoded:
            raise Invalid("a verifier key is written name+keyid+base64")
        data = _base64(encoded, 33)
        key = cls(name=name, public=data[1:])
        if data[:1] != ED25519:
            raise Invalid("the key is not an Ed25519 key")
        if key.key_id.hex() != written_id:
            raise Invalid("the key id does not belong to this name and key")
        return key


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A text with its signatures, none of them checked yet."""

    text: str
    """What is signed, with its final newline."""
    signatures: tuple[tuple[str, bytes, bytes], ...]
    """Key name, key id and signature of each."""

    @classmethod
    def parse(cls, note: str) -> Note:
        """Take a signed note apart, or raise `Invalid`."""
        text, blank, lines = note.rpartition("\n\n")
        if not blank or not lines.endswith("\n") or len(note) > MAX_LINE:
            raise Invalid("it is not a signed note: a text, an empty line, signature lines")
        if any(ord(c) < 32 and c != "\n" for c in note):
            raise Invalid("a signed note holds no control characters")
        signatures = tuple(_signature(line) for line in lines.removesuffix("\n").split("\n"))
        return cls(text=text + "\n", signatures=signatures)

    def check(self, key: VerifierKey) -> None:
        """Raise `Invalid` unless the key signed the note; signatures of other keys are ignored."""
        us = (key.name, key.key_id)
        ours = [value for name, key_id, value in self.signatures if (name, key_id) == us]
        if not ours:
            raise Invalid(f"it is not signed by the key {key.name}+{key.key_id.hex()}")
        for value in ours:
            try:
                Ed25519PublicKey.from_public_bytes(key.public).verify(value, self.text.encode())
            except (InvalidSignature, ValueError) as error:
                raise Invalid(f"the signature of {key.name} does not verify") from error


def _signature(line: str) -> tuple[str, bytes, bytes]:
    dash, _, rest = line.partition(" ")
    name, _, encoded = rest.partition(" ")
    if dash != "\u2014" or not valid_name(name) or len(data := _base64(encoded)) < 5:
        raise Invalid("a signature line is written: em dash, key name, base64 of key id and signature")
    return name, data[:4], data[4:]


_SIZE = re.compile(r"0|[1-9][0-9]{0,15}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """What a log says of itself at one size."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    @property
    def time(self) -> str:
        """When it was signed, as its `time` line says; empty where it has none."""
        return next((line[5:] for line in self.extensions if line.startswith("time ")), "")

    @classmethod
    def parse(cls, body: str) -> Checkpoint:
        """Read the text of a checkpoint, or raise `Invalid`."""
        lines = body.removesuffix("\n").split("\n")
        if len(lines) < 3 or not all(lines) or not body.endswith("\n"):
            raise Invalid("a checkpoint has an origin, a size and a root, each on a line of its own")
        if not _SIZE.fullmatch(lines[1]) or int(lines[1]) > MAX_INTEGER:
            raise Invalid("the size of a checkpoint is a whole number without leading zeros")
        root = _base64(lines[2], 32)
        return cls(origin=lines[0], size=int(lines[1]), root=root, extensions=tuple(lines[3:]))


def open_checkpoint(note: str, key: VerifierKey) -> Checkpoint:
    """Read a signed checkpoint and check that `key` signed it, or raise `Invalid`."""
    parsed = Note.parse(note)
    parsed.check(key)
    return Checkpoint.parse(parsed.text)


class Status(Enum):
    """The verdict in one phrase."""

    VERIFIED = "verified"
    CONSISTENT = "internally consistent"
    NOT_VERIFIED = "not verified"
    UNREADABLE = "cannot be read"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What verification found."""

    status: Status
    problem: str = ""
    """The first bad place and what is wrong there."""
    remarks: tuple[str, ...] = ()
    """What was checked, and what was not."""

    @property
    def exit_code(self) -> int:
        """0 nothing wrong was found, 1 not verified, 2 cannot be read."""
        return {Status.NOT_VERIFIED: 1, Status.UNREADABLE: 2}.get(self.status, 0)

    def __str__(self) -> str:
        head = f"{self.status.value}: {self.problem}" if self.problem else self.status.value
        return "\n".join([head, *(f"  {remark}" for remark in self.remarks)])


class _Member:
    """Read one member of the archive by lines, bounded, keeping its digest."""

    def __init__(self, archive: zipfile.ZipFile, name: str) -> None:
        info = archive.getinfo(name)
        del (
            info.CRC
        )  # zipfile then does not compare it: our hashes name the place that is bad, a CRC does not
        self._file: IO[bytes] = archive.open(info)
        self._hash = hashlib.sha256()
        self.name = name

    def lines(self) -> Iterator[tuple[int, bytes]]:
        """Yield line numbers from 1 and lines without their newline."""
        number = 0
        while line := self._file.readline(MAX_LINE + 1):
            number += 1
            self._hash.update(line)
            if not line.endswith(b"\n") or len(line) > MAX_LINE:
                raise Invalid(f"line {number} of {self.name} is cut, or longer than {MAX_LINE} bytes")
            yield number, line[:-1]

    def whole(self) -> bytes:
        """Read a small member."""
        data = self._file.read(MAX_LINE + 1)
        if len(data) > MAX_LINE:
            raise Unreadable(f"{self.name} is larger than {MAX_LINE} bytes")
        self._hash.update(data)
        return data

    @property
    def digest(self) -> str:
        """SHA-256 of what was read."""
        return self._hash.hexdigest()


_ENTRY_LINE = re.compile(
    rb'\{"entry":(\{.*\}),"hash":"([0-9a-f]{64})","index":(0|[1-9][0-9]{0,15})\}', re.DOTALL
)


def _leaves(member: _Member) -> Iterator[bytes]:
    """Yield the leaf hash of each entry, having compared it with what its line records."""
    for number, line in member.lines():
        where = f"entry {number - 1} (line {number} of {ENTRIES})"
        match = _ENTRY_LINE.fullmatch(line)
        if not match:
            raise Invalid(f'{where}: expected {{"entry":…,"hash":…,"index":…}} and found something else')
        entry, recorded, index = match.groups()
        if int(index) != number - 1:
            raise Invalid(f"{where} is numbered {int(index)}: an entry is missing, moved or repeated here")
        leaf = leaf_hash(entry)
        if leaf.hex().encode() != recorded:
            raise Invalid(f"{where}: its content and its recorded hash do not belong together")
        try:
            content = parse_canonical(entry)
        except Invalid as error:
            raise Invalid(f"{where}: {error}") from error
        if not isinstance(content, dict) or not str(content.get("format")).startswith("troth.entry/"):
            raise Invalid(f"{where}: it does not say that it is an evidence entry")
        yield leaf


def _checkpoints(member: _Member, key: VerifierKey) -> Iterator[tuple[str, Checkpoint]]:
    """Yield each checkpoint, its signature checked, with the words that name its place."""
    for number, line in member.lines():
        where = f"checkpoint {number} (line {number} of {CHECKPOINTS})"
        try:
            content = parse_canonical(line)
            note = content.get("note") if isinstance(content, dict) else None
            if not isinstance(note, str) or content != {"note": note}:
                raise Invalid('expected {"note":"…"} and found something else')
            checkpoint = open_checkpoint(note, key)
        except Invalid as error:
            raise Invalid(f"{where}: {error}") from error
        yield where, checkpoint


@dataclass(slots=True)
class _Walk:
    """One pass over entries and checkpoints together: the state it keeps is a tree and a few counts."""

    watch: int
    """The size at which the root is to be remembered; -1 for none."""
    tree: Tree = field(default_factory=Tree)
    checkpoints: int = 0
    last: Checkpoint | None = None
    watched: bytes | None = None

    def run(self, leaves: Iterator[bytes], checkpoints: Iterator[tuple[str, Checkpoint]]) -> None:
        """Grow the tree up to each checkpoint in turn and compare."""
        self._remember()
        for where, checkpoint in checkpoints:
            self._follows(where, checkpoint)
            self._grow(where, checkpoint, leaves)
            if self.tree.root != checkpoint.root:
                first = self.last.size if self.last else 0
                span = f"a change in entries {first} to {checkpoint.size - 1}, or in the checkpoint"
                raise Invalid(f"{where}: its root is not that of the entries ({span})")
            self.checkpoints += 1
            self.last = checkpoint
        if self.last is None:
            raise Invalid(f"{CHECKPOINTS} holds no checkpoint: nothing is signed")
        if next(leaves, None) is not None:
            raise Invalid(f"entry {self.tree.size} and what follows is covered by no checkpoint")

    def _follows(self, where: str, checkpoint: Checkpoint) -> None:
        if self.last and checkpoint.origin != self.last.origin:
            raise Invalid(f"{where}: it is of another log than the one before it")
        if self.last and checkpoint.size < self.last.size:
            raise Invalid(f"{where}: it is smaller than the one before it; checkpoints are missing or moved")

    def _grow(self, where: str, checkpoint: Checkpoint, leaves: Iterator[bytes]) -> None:
        while self.tree.size < checkpoint.size:
            leaf = next(leaves, None)
            if leaf is None:
                raise Invalid(f"{where}: it covers {checkpoint.size} entries, found {self.tree.size}")
            self.tree = self.tree.append(leaf)
            self._remember()

    def _remember(self) -> None:
        if self.tree.size == self.watch:
            self.watched = self.tree.root


def manifest(origin: str, entries: int, checkpoints: int, digests: dict[str, str]) -> bytes:
    """Return the only manifest that fits such a bundle."""
    fields = {"checkpoints": checkpoints, "entries": entries, "format": BUNDLE_FORMAT, "origin": origin}
    return render({**fields, "sha256": digests}) + b"\n"


# What zipfile is known to raise for files that are cut, changed, encrypted or made to mislead.
_ZIP_TROUBLE = (zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, struct.error, LookupError)
_FILE_TROUBLE = (OSError, EOFError, RuntimeError, OverflowError, ValueError)


def verify_bundle(file: IO[bytes], *, key: str = "", since: str = "") -> Verdict:
    """Verify a bundle in one pass and little memory; never raises for what it reads.

    Args:
        file: the bundle, seekable.
        key: the verifier key pinned beforehand, from another place than the bundle.
        since: a checkpoint kept from earlier, as text.
    """
    try:
        pinned = _pinned(key)
        with zipfile.ZipFile(file) as archive:
            return _verify(archive, pinned, since)
    except Invalid as error:
        return Verdict(status=Status.NOT_VERIFIED, problem=str(error))
    except Unreadable as error:
        return Verdict(status=Status.UNREADABLE, problem=str(error))
    except (*_ZIP_TROUBLE, *_FILE_TROUBLE) as error:
        kind = type(error).__name__
        problem = f"it is not a whole zip file ({kind}); fetch the bundle again or export it anew"
        return Verdict(status=Status.UNREADABLE, problem=problem)


def _pinned(key: str) -> VerifierKey | None:
    try:
        return VerifierKey.parse(key.strip()) if key.strip() else None
    except Invalid as error:
        raise Unreadable(f"the pinned key: {error}") from error


def _verify(archive: zipfile.ZipFile, pinned: VerifierKey | None, since: str) -> Verdict:
    _layout(archive)
    members = {name: _Member(archive, name) for name in MEMBERS}
    listed = members[MANIFEST].whole()
    _version(listed)
    key = _key(members[KEY].whole(), pinned)
    earlier = _earlier(since, key) if since else None
    members[README].whole()
    walk = _Walk(watch=earlier.size if earlier else -1)
    walk.run(_leaves(members[ENTRIES]), _checkpoints(members[CHECKPOINTS], key))
    last = walk.last
    if last is None:
        raise Invalid(f"{CHECKPOINTS} holds no checkpoint: nothing is signed")
    digests = {name: members[name].digest for name in MEMBERS if name != MANIFEST}
    fitting = manifest(last.origin, walk.tree.size, walk.checkpoints, digests)
    if listed != fitting:
        raise Invalid(_difference(listed, fitting))
    if earlier:
        _extends(walk, last, earlier)
    remarks = tuple(_remarks(walk, last, key, pinned, earlier))
    return Verdict(status=Status.VERIFIED if pinned else Status.CONSISTENT, remarks=remarks)


def _layout(archive: zipfile.ZipFile) -> None:
    """Refuse whatever a bundle does not contain: other members, compression, encryption."""
    if sorted(info.filename for info in archive.infolist()) != sorted(MEMBERS):
        raise Unreadable(f"a bundle holds {', '.join(MEMBERS)} and nothing else; this zip does not")
    for info in archive.infolist():
        if info.compress_type != zipfile.ZIP_STORED or info.flag_bits & 1:
            raise Unreadable("a bundle is stored without compression or encryption; export it anew")


def _version(listed: bytes) -> None:
    try:
        content = parse_canonical(listed.removesuffix(b"\n"))
    except Invalid as error:
        raise Invalid(f"{MANIFEST}: {error}") from error
    if not isinstance(content, dict) or content.get("format") != BUNDLE_FORMAT:
        raise Unreadable(f"{MANIFEST} names another format; this verifier reads {BUNDLE_FORMAT}")


def _key(written: bytes, pinned: VerifierKey | None) -> VerifierKey:
    try:
        key = VerifierKey.parse(written.decode("utf-8").removesuffix("\n"))
    except (Invalid, UnicodeDecodeError) as error:
        raise Invalid(f"{KEY}: a verifier key is expected; {error}") from error
    if pinned and pinned != key:
        raise Invalid(f"{KEY}: the bundle is signed with another key than the one pinned")
    return key


def _earlier(note: str, key: VerifierKey) -> Checkpoint:
    try:
        Checkpoint.parse(Note.parse(note).text)
    except Invalid as error:
        raise Unreadable(f"the earlier checkpoint: {error}") from error
    try:
        return open_checkpoint(note, key)
    except Invalid as error:
        raise Invalid(f"the earlier checkpoint: {error}") from error


def _extends(walk: _Walk, last: Checkpoint, earlier: Checkpoint) -> None:
    """Compare with the checkpoint kept from earlier: its tree must be the beginning of this one."""
    if earlier.origin != last.origin:
        raise Invalid("the earlier checkpoint is of another log than this bundle")
    if earlier.size > last.size:
        raise Invalid(
            f"fork: the earlier checkpoint covers {earlier.size} entries, this bundle {last.size}; "
            "history was cut, or the log was restored from an older copy"
        )
    if walk.watched != earlier.root:
        begin = f"fork: the first {earlier.size} entries are not those of the earlier checkpoint"
        raise Invalid(f"{begin}; history was rewritten")


def _difference(listed: bytes, fitting: bytes) -> str:
    """Name the first field of the manifest that does not fit; both are canonical objects."""
    found, expected = json.loads(listed), json.loads(fitting)
    for name, digest in expected["sha256"].items():
        digests = found.get("sha256")
        if not isinstance(digests, dict) or digests.get(name) != digest:
            return f"{name} is not the file that {MANIFEST} lists"
    for name, value in expected.items():
        if found.get(name) != value:
            return f"{MANIFEST}: its '{name}' does not fit the bundle"
    return f"{MANIFEST} is not written as it should be"


def _remarks(
    walk: _Walk, last: Checkpoint, key: VerifierKey, pinned: VerifierKey | None, earlier: Checkpoint | None
) -> Iterator[str]:
    counts = f"{last.size} entries, {walk.checkpoints} signed checkpoints"
    yield f"log {last.origin}: {counts}, last {last.time or 'undated'}"
    if not pinned:
        yield f"no key was pinned: whoever made the bundle may have made its key too ({key})"
    if not earlier:
        yield "no earlier checkpoint was given: a rewritten or shortened history would not be seen"
    elif not earlier.size:
        yield "the earlier checkpoint is of an empty log: it pins nothing"
    else:
        yield f"the first {earlier.size} entries are those of the earlier checkpoint"


def verify_file(bundle: str, key: str = "", since: str = "") -> Verdict:
    """Verify a bundle by its path; `key` is a key or the path of one, `since` the path of a checkpoint."""
    try:
        key = _small_file(key) if key and ("+" not in key or Path(key).is_file()) else key
        since = _small_file(since) if since else ""
        with Path(bundle).open("rb") as file:
            return verify_bundle(file, key=key, since=since)
    except Unreadable as error:
        return Verdict(status=Status.UNREADABLE, problem=str(error))
    except OSError as error:
        problem = f"{bundle} cannot be opened ({error.strerror})"
        return Verdict(status=Status.UNREADABLE, problem=problem)


def _small_file(name: str) -> str:
    try:
        with Path(name).open("rb") as file:
            data = file.read(MAX_LINE + 1)
        if not 0 < len(data) <= MAX_LINE:
            raise Unreadable(f"{name} is empty, or too large to be a key or a checkpoint")
        return data.decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Unreadable(f"{name} cannot be read as a key or a checkpoint") from error


def main(arguments: list[str] | None = None) -> int:
    """Verify as the command line says, print the verdict and return the exit code."""
    parser = argparse.ArgumentParser(prog="verify.py", description="Verify an evidence bundle of Troth.")
    parser.add_argument("bundle", help="the bundle, a zip file")
    parser.add_argument("--key", default="", help="the verifier key you pinned, or a file that holds it")
    parser.add_argument("--since", default="", help="a file with a checkpoint you kept from earlier")
    given = parser.parse_args(arguments)
    verdict = verify_file(given.bundle, given.key, given.since)
    sys.stdout.write(f"{verdict}\n")
    return verdict.exit_code


if __name__ == "__main__":
    raise SystemExit(main())

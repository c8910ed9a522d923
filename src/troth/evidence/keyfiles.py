"""Keep the three keys as files: made on first use, refused when others could read them.

The only module of evidence that touches files. In a directory of mode 0700: `tombstones.key`,
`commitments.key`, `signing.key` (mode 0600) and `signing.pub` (the verifier key, for everyone). `signing.pub`
is written last: once it is there, a missing key is a loss and is never made anew.
"""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path
from typing import Literal

from troth.errors import Damaged, Refused
from troth.evidence import keys
from troth.evidence.verify import Invalid, VerifierKey

SIGNING, TOMBSTONES, COMMITMENTS, PUBLIC = "signing.key", "tombstones.key", "commitments.key", "signing.pub"
MAX_BYTES = 4096
Use = Literal["tombstones", "commitments"]
"""What a key that can be rotated is for."""


def load_or_create(directory: Path, name: str, random: keys.Random) -> keys.Keys:
    """Return the keys in a directory, making the directory and the keys on first use.

    Two processes doing so at once end with the same keys. `name` is used only when the keys are made.

    Raises:
        Refused: when the directory or a key can be read by others, or cannot be written.
        Damaged: when a key is missing or unreadable although the keys were complete before.
    """
    try:
        _private_directory(directory)
        if not (directory / PUBLIC).exists():
            _create(directory, keys.generate(name, random))
        return load(directory)
    except OSError as error:
        raise Refused(
            f"The keys in {directory} cannot be read or written: {error.strerror}.",
            hint="Make the directory writable for the user who runs Troth.",
        ) from error


def load(directory: Path) -> keys.Keys:
    """Return the keys in a directory.

    Raises:
        Refused: when a key can be read by others.
        Damaged: when one is missing, unreadable, or does not fit `signing.pub`.
    """
    verifier = public_key(directory)
    signing = keys.read_signing(verifier.name, _secret_file(directory / SIGNING))
    if signing.verifier != verifier:
        raise Damaged(
            f"{directory / SIGNING} is not the private half of {PUBLIC}.", hint="Put back the right pair."
        )
    tombstones = keys.read_secret(_secret_file(directory / TOMBSTONES))
    commitments = keys.read_secret(_secret_file(directory / COMMITMENTS))
    return keys.Keys(
        signing=signing,
        tombstones=tombstones,
        commitments=commitments,
        older_tombstones=_older(directory, "tombstones"),
        older_commitments=_older(directory, "commitments"),
    )


def rotate(directory: Path, use: Use, random: keys.Random) -> tuple[str, str]:
    """Put a fresh key in the place of one, which stays under its id; return the ids of both, old and new.

    The old one is linked under its id before the new one takes its name: killed anywhere, no key is lost.

    Raises:
        Refused: when the directory cannot be written.
    """
    path, fresh = directory / f"{use}.key", random(keys.SECRET_BYTES)
    previous = keys.key_id(keys.read_secret(_secret_file(path)))
    try:
        _link(path, directory / f"{use}-{previous}.key")
        _sync(directory)
        draft = directory / f".{use}.key.{keys.key_id(fresh)}"
        _put(draft, keys.secret_text(fresh), 0o600)
        draft.replace(path)
        _sync(directory)
    except OSError as error:
        raise Refused(f"The keys in {directory} cannot be written: {error.strerror}.") from error
    return previous, keys.key_id(fresh)


def destroy(directory: Path, use: Use, id: str) -> bool:
    """Destroy a key that was rotated out: overwritten, then removed; return whether it was there.

    A copy-on-write file system, or a backup of the directory, may hold it still.
    """
    path = directory / f"{use}-{id}.key"
    try:
        with path.open("r+b") as file:
            file.write(b"0" * (2 * keys.SECRET_BYTES))
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
        _sync(directory)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise Refused(f"{path} cannot be destroyed: {error.strerror}.") from error
    return True


def _older(directory: Path, use: Use) -> dict[str, bytes]:
    """Read the keys that were rotated out, by the id in their name.

    Raises:
        Damaged: when a key is not the one its name says.
    """
    found = {}
    for path in sorted(directory.glob(f"{use}-*.key")):
        id = path.stem.removeprefix(f"{use}-")
        secret = keys.read_secret(_secret_file(path))
        if keys.key_id(secret) != id:
            raise Damaged(f"{path} is not the key its name says.", hint="Put the right one back.")
        found[id] = secret
    return found


def public_key(directory: Path) -> VerifierKey:
    """Return the verifier key; it needs no secret.

    Raises:
        Damaged: when there is none or it cannot be read.
    """
    path = directory / PUBLIC
    try:
        return VerifierKey.parse(path.read_bytes()[:MAX_BYTES].decode().strip())
    except FileNotFoundError as error:
        raise Damaged(f"{path} is missing: no keys have been made here, or they were lost.") from error
    except (Invalid, UnicodeDecodeError) as error:
        raise Damaged(f"{path} was expected to hold a verifier key; {error}.") from error


def _private_directory(directory: Path) -> None:
    directory.parent.mkdir(parents=True, exist_ok=True)
    directory.mkdir(mode=0o700, exist_ok=True)
    _only_ours(directory, directory.stat(), "700")


def _create(directory: Path, fresh: keys.Keys) -> None:
    """Write what is missing; `signing.pub` last, made from the signing key that is there."""
    _put(directory / TOMBSTONES, keys.secret_text(fresh.tombstones), 0o600)
    _put(directory / COMMITMENTS, keys.secret_text(fresh.commitments), 0o600)
    _put(directory / SIGNING, keys.signing_pem(fresh.signing), 0o600)
    kept = keys.read_signing(fresh.signing.name, _secret_file(directory / SIGNING))
    _put(directory / PUBLIC, f"{kept.verifier}\n".encode(), 0o644)


def _put(path: Path, data: bytes, mode: int) -> None:
    """Create a file whole or not at all; one that is there already stays as it is.

    The content is written under another name and linked into place, for a crash between opening and writing
    would leave an empty key under its final name.
    """
    if path.exists():
        return
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    draft = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            os.fchmod(file.fileno(), mode)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        _link(draft, path)
    finally:
        draft.unlink(missing_ok=True)
    _sync(path.parent)


def _link(draft: Path, path: Path) -> None:
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        return  # another process was first: its file counts


def _sync(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _secret_file(path: Path) -> bytes:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except FileNotFoundError as error:
        raise Damaged(f"{path} is missing.", hint="Put it back from a backup of the keys.") from error
    except OSError as error:
        raise Refused(f"{path} cannot be opened as a key file: {error.strerror}.") from error
    with os.fdopen(handle, "rb") as file:
        _only_ours(path, os.fstat(file.fileno()), "600")
        return file.read(MAX_BYTES)


def _only_ours(path: Path, found: os.stat_result, wanted: str) -> None:
    mode = stat.S_IMODE(found.st_mode)
    if mode & 0o077:
        raise Refused(
            f"{path} can be reached by others (mode {mode:04o}); mode 0{wanted} was expected.",
            hint=f"Run: chmod {wanted} {path}",
        )
    if found.st_uid != os.geteuid() and os.geteuid() != 0:
        raise Refused(f"{path} belongs to another user.", hint="Run Troth as its owner, or change its owner.")

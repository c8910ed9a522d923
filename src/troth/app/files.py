"""Write files whole or not at all."""

from __future__ import annotations

import errno
import os
import secrets
from pathlib import Path


def check(path: Path) -> None:
    """Find out beforehand that a file cannot be written, while nothing is done that it is to tell of.

    Raises:
        OSError: as `write` would.
    """
    try:
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        if not path.exists() or path.is_file():
            beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
            beside.touch(exist_ok=False)
            beside.unlink()
    except OSError as error:
        error.filename = str(path)
        raise


def write(path: Path, data: str | bytes) -> None:
    """Put a file in place once all of it is on the disk; a reader sees the old one or the new one.

    Devices and pipes (`/dev/stdout`) are written to directly.
    """
    content = data.encode() if isinstance(data, str) else data
    if path.exists() and not path.is_file():
        path.write_bytes(content)
        return
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with beside.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        error.filename = str(path)
        raise

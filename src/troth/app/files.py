"""Write files whole or not at all."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


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

"""One apply at a time on a store without a server: a lock on a file beside it, which a killed process gives back."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from troth.errors import Busy


def busy(store: str) -> Busy:
    """Say that somebody else is at work."""
    return Busy(
        f"Another apply is at work on store {store}.",
        hint="Wait until it has ended; two at once are never let in.",
    )


@contextmanager
def held(file: IO[str], path: Path, store: str) -> Iterator[None]:
    """Hold the lock on an open file until the block ends, then remove the file.

    Raises:
        Busy: another apply holds it.
    """
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as taken:
            raise busy(store) from taken
        # Whoever held it before may have removed the file meanwhile: then this lock keeps nobody out.
        if not path.exists() or path.stat().st_ino != os.fstat(file.fileno()).st_ino:
            raise busy(store)
        yield
        path.unlink(missing_ok=True)

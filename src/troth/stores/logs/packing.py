"""Compressed logs by their suffix, with what the standard library has: gzip, bzip2, xz."""

from __future__ import annotations

import bz2
import gzip
import lzma
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, cast

_PACKERS: Mapping[str, Any] = {".gz": gzip, ".bz2": bz2, ".xz": lzma}


def packed(path: Path) -> bool:
    """Tell whether a file is compressed."""
    return path.suffix in _PACKERS


@contextmanager
def unpacked(raw: IO[bytes], path: Path) -> Iterator[IO[bytes]]:
    """Read a file's content, whether or not it is compressed."""
    packer = _PACKERS.get(path.suffix)
    if packer is None:
        yield raw
        return
    with packer.open(raw, "rb") as file:
        yield file


@contextmanager
def pressed(new: IO[bytes], path: Path, changed: int) -> Iterator[IO[bytes]]:
    """Write a file's content compressed as it was.

    Args:
        new: Where to.
        path: The old file.
        changed: When the old file was changed, in nanoseconds: gzip keeps it, and nothing else, in its header.
    """
    if path.suffix == ".gz":
        with gzip.GzipFile("", "wb", 6, new, changed / 10**9) as file:
            yield cast(IO[bytes], file)
        return
    with _PACKERS[path.suffix].open(new, "wb") as file:
        yield file

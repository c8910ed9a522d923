"""Give a command in this very process, as its own process would have it: folder, environment, streams, arguments.

Starting Python and importing Troth takes longer than most commands. What depends on a process of its own (kills,
signals, start-up, pipes) is tested with one; so is the walk of the README.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from troth.__main__ import main
from troth.cli import screen


def give(
    words: Sequence[str], folder: Path, environment: Mapping[str, str], asked: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command; its answer is what a process of its own would have written and returned."""
    said, complained = _stream(), _stream()
    with _as_if(words, folder, environment), _streams(_stream(asked or ""), said, complained):
        code = main()
        sys.stdout.flush()
        sys.stderr.flush()
    return subprocess.CompletedProcess(list(words), code, _written(said), _written(complained))


def _stream(text: str = "") -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(text.encode()), encoding="utf-8", newline="")


def _written(stream: io.TextIOWrapper) -> str:
    buffer = stream.buffer
    assert isinstance(buffer, io.BytesIO)
    return buffer.getvalue().decode().replace("\r\n", "\n")


@contextmanager
def _as_if(words: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Iterator[None]:
    before, place, arguments = dict(os.environ), Path.cwd(), sys.argv
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    sys.argv = ["troth", *words]
    screen._in_use.clear()
    try:
        yield
    finally:
        sys.argv = arguments
        os.chdir(place)
        os.environ.clear()
        os.environ.update(before)


@contextmanager
def _streams(given: io.TextIOWrapper, said: io.TextIOWrapper, complained: io.TextIOWrapper) -> Iterator[None]:
    before = sys.stdin, sys.stdout, sys.stderr
    sys.stdin, sys.stdout, sys.stderr = given, said, complained
    try:
        yield
    finally:
        sys.stdin, sys.stdout, sys.stderr = before

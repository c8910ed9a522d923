"""Where a project's ledger and keys are, and how they are opened.

`TROTH_LEDGER` names the ledger (`sqlite:///…` or `postgresql://…`); without it the ledger is a SQLite file in the
project's `.troth` folder. Keys stand in `TROTH_KEYS`, or in `.troth/keys`.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from troth import ledger
from troth.app.clock import Clock
from troth.ledger.ledger import Ledger

HOME = ".troth"

_KEPT: dict[tuple[str, Path], Ledger] = {}
"""Ledgers a process that serves for long keeps open; each thread has a connection of its own."""
_keeping = threading.Lock()


def address(folder: Path, environment: Mapping[str, str]) -> str:
    """Return the ledger's URL."""
    return environment.get("TROTH_LEDGER") or f"sqlite:///{(folder / HOME / 'ledger.sqlite').resolve()}"


def keys(folder: Path, environment: Mapping[str, str]) -> Path:
    """Return the folder of the keys."""
    named = environment.get("TROTH_KEYS")
    return Path(named) if named else folder / HOME / "keys"


@contextmanager
def opened(folder: Path, environment: Mapping[str, str], clock: Clock | None = None) -> Iterator[Ledger]:
    """Open the project's ledger, making it and its keys on first use; the clock dates its first entries.

    Where `keep` was called for it, the ledger is the one that is kept, and stays open.
    """
    kept = _KEPT.get((address(folder, environment), keys(folder, environment)))
    if kept is not None:
        yield kept
        return
    found = _open(folder, environment, clock)
    try:
        yield found
    finally:
        found.close()


def keep(folder: Path, environment: Mapping[str, str], clock: Clock) -> Ledger:
    """Open the ledger for as long as this process lives, and return it; the same one when it is kept already."""
    named = address(folder, environment), keys(folder, environment)
    with _keeping:
        if named not in _KEPT:
            _KEPT[named] = _open(folder, environment, clock)
        return _KEPT[named]


def _open(folder: Path, environment: Mapping[str, str], clock: Clock | None) -> Ledger:
    now = clock.now if clock else None
    return ledger.open(address(folder, environment), keys_dir=keys(folder, environment), now=now)


def exists(folder: Path, environment: Mapping[str, str]) -> bool:
    """Tell whether the project has a ledger already: one that was named counts, a file must be there."""
    return bool(environment.get("TROTH_LEDGER")) or (folder / HOME / "ledger.sqlite").exists()

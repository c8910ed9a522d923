"""Proof: list, show, sign, export and verify the evidence log."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from troth.app import files, ledgers
from troth.app.clock import Clock
from troth.errors import Refused
from troth.evidence import bundle, log
from troth.evidence import verify as verifying
from troth.evidence.entry import Entry
from troth.evidence.verify import Verdict
from troth.ledger.ledger import Ledger

IN_MEMORY = 16_000_000
"""Bytes of a bundle held in memory before it goes to a temporary file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbered:
    """An entry and its number in the log."""

    index: int
    entry: Entry


def entries(folder: Path, environment: Mapping[str, str], clock: Clock, *, last: int) -> tuple[Numbered, ...]:
    """Return the newest entries, oldest first; all of them for 0."""
    with _existing(folder, environment, clock) as ledger:
        size = ledger.evidence.tree().size
        start = max(0, size - last) if last else 0
        return tuple(_numbered(start, ledger.evidence.entries(start)))


def entry(folder: Path, environment: Mapping[str, str], clock: Clock, index: int) -> bytes:
    """Return the canonical bytes of one entry.

    Raises:
        Refused: when the log has no entry of that number.
    """
    with _existing(folder, environment, clock) as ledger:
        size = ledger.evidence.tree().size
        if not 0 <= index < size:
            raise Refused(
                f"The evidence log has entries 0 to {size - 1}; found {index}.",
                hint="`troth evidence list` shows the numbers.",
            )
        return next(iter(ledger.evidence.entries(index, index + 1)))


def _numbered(start: int, encoded: Iterator[bytes]) -> Iterator[Numbered]:
    for index, data in enumerate(encoded, start=start):
        yield Numbered(index=index, entry=Entry.decode(data))


def checkpoint(folder: Path, environment: Mapping[str, str], clock: Clock, out: Path | None) -> str:
    """Sign what the log holds now, and write the checkpoint to a file where one is named."""
    with _existing(folder, environment, clock) as ledger:
        made = ledger.checkpoint(at=clock.now())
    if out is not None:
        files.write(out, made)
    return made


def export(folder: Path, environment: Mapping[str, str], clock: Clock, out: Path) -> bundle.Written:
    """Write the bundle an auditor gets, up to now."""
    with _existing(folder, environment, clock) as ledger, tempfile.TemporaryFile() as file:
        ledger.checkpoint(at=clock.now())
        written = bundle.export(file, ledger.evidence, ledger.keys.signing.verifier)
        file.seek(0)
        files.write(out, file.read())
    return written


def verify_own(folder: Path, environment: Mapping[str, str], clock: Clock, key: str, since: str) -> Verdict:
    """Verify the project's own log, entry by entry, with the key beside it unless another is pinned.

    Raises:
        Damaged: naming the first bad place.
    """
    with _existing(folder, environment, clock) as ledger:
        log.audit(ledger.evidence, ledger.keys.signing.verifier)
        if ledger.evidence.last_checkpoint() is None:
            raise Refused(
                "The evidence log is whole, and nothing in it is signed yet.",
                hint="`troth evidence checkpoint` signs it.",
            )
        with tempfile.SpooledTemporaryFile(IN_MEMORY) as file:
            bundle.export(file, ledger.evidence, ledger.keys.signing.verifier)
            file.seek(0)
            pinned = _pinned(key) or str(ledger.keys.signing.verifier)
            return verifying.verify_bundle(file, key=pinned, since=_pinned(since))


def _pinned(named: str) -> str:
    """Return what stands in a file of that name; otherwise the text itself."""
    path = Path(named)
    if not named or not path.is_file():
        return named
    return path.read_text(encoding="utf-8", errors="replace")


def _existing(folder: Path, environment: Mapping[str, str], clock: Clock) -> AbstractContextManager[Ledger]:
    if not ledgers.exists(folder, environment):
        raise Refused(
            f"There is no ledger in {folder} yet, so there is no evidence.",
            hint="It is made by the first `troth check`, `troth plan` or `troth hold`; or set TROTH_LEDGER.",
        )
    return ledgers.opened(folder, environment, clock)

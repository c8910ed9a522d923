"""Troth's own database: project, evidence, plan runs, receipts, looks, holds, settings.

`ledger.open(url, keys_dir=…)` makes it on first use, brings an older one up to date, refuses a newer one and
returns a `Ledger`. One migration history, SQLite by default, PostgreSQL when shared. Django is imported inside
`open` and nowhere before, so that commands without a ledger start quickly. What lies to the right of this
package never imports it: it defines ports, and the classes here fill them.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from troth.ledger.ledger import Ledger

__all__ = ["open"]


def open(url: str, *, keys_dir: Path, now: Callable[[], datetime] | None = None) -> Ledger:
    """Open the ledger at `url`, making or migrating it first where needed.

    Args:
        url: Where it is.
        keys_dir: Where its keys are.
        now: The clock for its first entries; this machine's when left out.

    Raises:
        StoreError: when it cannot be reached or is not Troth's to use.
        Refused: when it was written by a newer Troth, or a key could be read by others.
        Damaged: when what is in it does not add up.
    """
    from troth.ledger import opening

    return opening.open_ledger(url, keys_dir=keys_dir, clock=now or opening.now)

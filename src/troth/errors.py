"""Every exception of Troth, split by what the caller can do about it.

    TrothError
    ├── StoreError      the store cannot be reached, or says no: mend it, then run again     exit 3
    ├── Refused         a guard held: nothing was done, and the message says what would let it  exit 5
    │   └── Busy        somebody else is at work there: the same works once they have ended
    ├── Damaged         what we wrote ourselves does not add up: ask a person               exit 6
    └── problems.BadInput   the user's text cannot be used; carries every fault at once      exit 2

A message says what was expected, what was found and what to do. It never carries a personal value.
"""

from __future__ import annotations

from typing import ClassVar


class TrothError(Exception):
    """Stop the command; the edge prints the message and leaves with `exit_code`."""

    exit_code: ClassVar[int] = 6

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class StoreError(TrothError):
    """A store or the ledger cannot be reached or refuses: the same command works once it is mended."""

    exit_code = 3


class Refused(TrothError):
    """A guard held before harm was done: stale plan, drift, limit, first run, another apply at work."""

    exit_code = 5


class Busy(Refused):
    """Somebody else is at work there; nothing was done, and the same works once they have ended."""


class Damaged(TrothError):
    """Something only Troth writes has been changed or lost: ledger, evidence log, keys."""

    exit_code = 6

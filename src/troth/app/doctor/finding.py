"""What a look at an installation finds: each part good, worth knowing, or wrong, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from troth.app.clock import Clock
from troth.app.requests.steps import Place
from troth.errors import TrothError

State = Literal["good", "note", "wrong"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at."""

    part: str
    """A word: `ledger`, `keys`, `store shop`."""
    state: State
    says: str
    to_do: str = ""
    code: int = 0
    """The exit code where it is wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """What is looked at."""

    at: Place

    @property
    def folder(self) -> Path:
        """The project's folder."""
        return self.at.folder

    @property
    def environment(self) -> Mapping[str, str]:
        """Where addresses and secrets are set."""
        return self.at.environment

    @property
    def clock(self) -> Clock:
        """The clock."""
        return self.at.clock


def good(part: str, says: str) -> Finding:
    """Say that a part is as it should be."""
    return Finding(part=part, state="good", says=says)


def note(part: str, says: str, to_do: str) -> Finding:
    """Say what is worth knowing of a part that works."""
    return Finding(part=part, state="note", says=says, to_do=to_do)


def wrong(part: str, says: str, to_do: str, code: int) -> Finding:
    """Say what is wrong with a part."""
    return Finding(part=part, state="wrong", says=says, to_do=to_do, code=code)


def failed(part: str, error: TrothError) -> Finding:
    """Say what an error says."""
    return wrong(part, error.message, error.hint, error.exit_code)

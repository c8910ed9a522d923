"""Keep some processes running: start again what dies, stop all of them when this one is told to stop.

A child that cannot start for a reason a person must mend ends the whole: its exit code is ours. One that dies
otherwise is started again, after a pause that grows while it goes on dying. Children of a supervisor that is killed
end with it (Linux, prctl(2)).
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from troth.cli import exits, screen

SETTLED = 60.0
"""Seconds after which a child counts as having started."""
HOPELESS = (exits.INPUT, exits.REFUSED, exits.DAMAGED)
"""Exit codes of a child that starting again would not help."""
LONGEST_PAUSE = 30.0
GRACE = 30.0
"""Seconds children have to stop in before they are killed."""
LOOK = 0.1
SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """A process to keep running."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    """Set besides ours."""
    keeps: tuple[int, ...] = ()
    """Open files it takes over."""


def run(children: Sequence[Child]) -> int:
    """Keep the children running until SIGTERM or Ctrl-C; return the exit code."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())
    kept = [_Kept(child) for child in children]
    code = 0
    try:
        for one in kept:
            one.start()
        while not stop.wait(LOOK):
            failed = next((one.exit_code for one in kept if one.hopeless()), None)
            if failed is not None:
                code = failed
                break
    finally:
        _stop(kept)
    return code


def _stop(kept: Sequence[_Kept]) -> None:
    """Ask all to stop at once, and wait; kill what does not."""
    for one in kept:
        one.tell(signal.SIGTERM)
    deadline = time.monotonic() + GRACE
    for one in kept:
        if not one.gone(max(0.0, deadline - time.monotonic())):
            one.tell(signal.SIGKILL)
            one.gone(GRACE)


class _Kept:
    """A child and what became of it."""

    def __init__(self, child: Child) -> None:
        self.child = child
        self.process: subprocess.Popen[bytes] | None = None
        self.begun = 0.0
        self.again_at = 0.0
        self.pause = 0.5
        self.settled = False
        self.exit_code: int | None = None

    def start(self) -> None:
        self.begun = time.monotonic()
        self.process = subprocess.Popen(  # noqa: S603 our own commands
            list(self.child.command),
            env={**os.environ, **self.child.environment},
            pass_fds=self.child.keeps,
            start_new_session=True,  # Ctrl-C is for us alone; we tell them
            preexec_fn=_end_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509 one thread here
        )

    def hopeless(self) -> bool:
        """Look after the child; tell whether it ended before it had ever started properly."""
        now = time.monotonic()
        if self.process is None:
            if now >= self.again_at:
                self.start()
            return False
        code = self.process.poll()
        if code is None:
            self._lives(now)
            return False
        self.exit_code = code
        if not self.settled and code in HOPELESS:
            return True
        self._again(now, code)
        return False

    def _lives(self, now: float) -> None:
        if now - self.begun >= SETTLED:
            self.settled, self.pause = True, 0.5

    def _again(self, now: float, code: int) -> None:
        screen.complain(f"troth: The {self.child.name} ended ({code}) and is started again.\n")
        self.process, self.again_at = None, now + self.pause
        self.pause = min(LONGEST_PAUSE, self.pause * 2)

    def tell(self, number: signal.Signals) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)

    def gone(self, seconds: float) -> bool:
        if self.process is None:
            return True
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True


def _end_with_parent() -> None:
    """Ask Linux to stop this process should the supervisor be killed."""
    ctypes.CDLL(None).prctl(SET_PDEATHSIG, signal.SIGTERM)

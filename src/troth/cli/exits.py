"""The exit codes of every command, as docs/reference/exit-codes.md lists them.

Stable once released: scripts and schedulers build on them.
"""

from __future__ import annotations

DONE = 0
FOUND = 1
INPUT = 2
STORE = 3
UNPROVEN = 4
REFUSED = 5
DAMAGED = 6
BUG = 70
INTERRUPTED = 130
CLOSED_PIPE = 141

ALL: dict[int, str] = {
    DONE: "Done; nothing is wrong.",
    FOUND: "Something is not as promised: a promise is broken, rows are left, or proof does not verify.",
    INPUT: "Input cannot be used: faults in the project, a wrong option, a file that cannot be read.",
    STORE: "A store or the ledger cannot be reached or refuses, or the disk is full.",
    UNPROVEN: "Nothing is broken, but something is unproven.",
    REFUSED: "A guard held: stale plan, drift, limit, first run, another apply at work.",
    DAMAGED: "Something only Troth writes was changed or lost: ledger, evidence log, keys.",
    BUG: "A bug in Troth.",
    INTERRUPTED: "Stopped by Ctrl-C.",
    CLOSED_PIPE: "Whoever read the output went away.",
}
"""Every exit code and what it means."""

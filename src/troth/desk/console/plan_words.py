"""What states of plans are called on the desk, what each leads to, and what is done about one that stopped.

Pure. Which state may follow which is the register's to say; here are only the words and the buttons.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class StateWords:
    """A state of a plan as a screen shows it."""

    says: str
    tone: str
    """Class of its badge."""
    next: str
    """What comes next, as a sentence."""


STATES = {
    "waiting": StateWords(
        says="waits for approval",
        tone="soon",
        next="Somebody who did not make it reads it and approves it, or cancels it.",
    ),
    "approved": StateWords(says="ready to start", tone="", next="Start it when the time is right."),
    "running": StateWords(says="running", tone="kept", next="Nothing to do: it works through its steps."),
    "paused": StateWords(
        says="paused", tone="soon", next="What is done stays done. Resume it, or cancel the rest."
    ),
    "stopped": StateWords(
        says="stopped", tone="bad", next="See why it stopped, then start it again or make a new plan."
    ),
    "failed": StateWords(
        says="failed", tone="bad", next="See what the store said, mend it, then start it again."
    ),
    "done": StateWords(says="done", tone="good", next="Nothing to do."),
    "cancelled": StateWords(
        says="cancelled", tone="", next="It will not go on. What was done before stays done."
    ),
}
GROUPS = {
    "waiting": "Waiting",
    "running": "Running",
    "stopped": "Stopped",
    "over": "Done and cancelled",
}
EMPTY = {
    "waiting": "No plan waits. Make one to see what has outlived its retention rule by now.",
    "running": "No plan is running. Start one that is ready under Waiting.",
    "stopped": "No plan has stopped. One that meets a guard, or whose store fails, stands here with the reason.",
    "over": "No plan is over yet. What was carried out, and what was cancelled, stays listed here.",
}
EMPTY_FOR_OTHERS = {
    **EMPTY,
    "waiting": "No plan waits. The privacy lead or an engineer makes one to see what has outlived its rule.",
    "running": "No plan is running. The privacy lead or an engineer starts one that is ready.",
}
"""The same for those who make no plans."""
ANEW = "Make a new plan, read it, and cancel this one: a plan is only good for what it was made from."
ADVICE = (
    ("stale", ANEW),
    ("drifted", ANEW),
    ("simulation", "Simulations are for looking at. Make a plan as of now."),
    ("rows are left", "Rows came while it ran, or wait for others. Make a new plan for what is left."),
    ("rows-left", "Rows came while it ran, or wait for others. Make a new plan for what is left."),
    ("backup", "Make a backup, then start it again and say that it exists."),
    ("First run", "If the share is right, start it again and name the dataset."),
    ("limits:", "Raise the limit in the project after reading the plan, then make a new one."),
    ("hold", "Look at the hold under Holds; then start it again, or make a new plan."),
    ("store", "See that the store answers, then start it again: it goes on where it stopped."),
)
"""Words in the reason of a stop, and what to do about it; the first that occur count."""
OTHERWISE = "Mend what the reason names, then start it again: it goes on where it stopped."


def advice(reason: str) -> str:
    """Return what to do about a plan that stopped for a reason."""
    said = reason.casefold()
    return next((todo for word, todo in ADVICE if word.casefold() in said), OTHERWISE)


def buttons(state: str, *, maker: bool, deeds: frozenset[str]) -> tuple[str, ...]:
    """Return what somebody may do with a plan now: `approve`, `start`, `pause`, `resume`, `cancel`."""
    offered = []
    if state == "waiting" and "approve-plans" in deeds and not maker:
        offered.append("approve")
    if "make-plans" in deeds:
        offered += {
            "waiting": ("cancel",),
            "approved": ("start", "cancel"),
            "running": ("pause", "cancel"),
            "paused": ("resume", "cancel"),
            "stopped": ("start", "cancel"),
            "failed": ("start", "cancel"),
        }.get(state, ())
    return tuple(offered)

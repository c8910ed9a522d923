"""What the board says of a status, and what to do about a promise; words only."""

from __future__ import annotations

from collections.abc import Mapping

from troth.app.history import NEVER, Line
from troth.promises.page import WORDS
from troth.promises.results import Status

STATUS: Mapping[str, str] = {**{str(one): word for one, word in WORDS.items()}, NEVER: "Not checked"}
MEANS: Mapping[str, str] = {
    **{str(one): one.meaning for one in Status},
    NEVER: "No check has looked at it yet.",
}
STACKED = tuple(str(one) for one in (Status.BROKEN, Status.UNPROVEN, Status.NOT_TRIGGERED, Status.KEPT))
"""Order in charts, from the ground up."""


def todo(line: Line) -> str:
    """Say what to do about a promise, by its block and status."""
    if line.status == NEVER:
        return "Check the promises: the button stands on the board."
    if line.status == Status.KEPT:
        return "Nothing. The next check looks again."
    if line.status == Status.NOT_TRIGGERED:
        return "Nothing, as long as there is nothing it is about."
    if line.status == Status.UNPROVEN:
        return f"What is missing: {line.why or 'see the newest check'}. Once that is there, check again."
    return _broken(line.promise.block)


def _broken(block: str) -> str:
    deeds = {
        "retention": "Make a retention plan, read it, and have it carried out; then check again. "
        "Rows that must stay need a hold.",
        "rights": "Answer the requests that are behind; their order by deadline is on the screen Requests.",
        "erasure": "Look at the requests to erase, and at the register of backups, that are named above.",
        "categories": "Delete what is not to be collected, or declare it in the policy and answer for it.",
    }
    return deeds.get(block, "Mend what is named above, or change what is promised; then check again.")

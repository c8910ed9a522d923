"""How erased people who are in a store again are shown: by number and place, with what follows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from troth.cli import screen

if TYPE_CHECKING:
    from troth.app.replaying import Returned
    from troth.people.returning import Back

MOST = 40
WHY = {
    None: "older than the erasure",
    "since": "newer than the erasure: a new beginning, or an import",
    "undated": "no date tells whether it is older than the erasure",
    "unverified": "known by an address nobody verified",
    "shared-identity": "known by what several people may share",
    "in-use": "older, but somebody uses the account or the address since",
}
"""What is said of a row."""


def show(found: Returned, show_keys: bool) -> None:
    """Write who is back, and what could not be looked at."""
    if found.backs:
        headings = ("person", "erased", "place", "known by", "rows", "is", *(("row",) if show_keys else ()))
        screen.table(headings, (_row(back, show_keys) for back in found.backs[:MOST]), right=(4,))
        if len(found.backs) > MOST:
            screen.say(f"… and {screen.number(len(found.backs) - MOST)} more.")
    for one in found.left:
        screen.say(f"Not looked at: {one.what}: {one.why}", "yellow")
    if found.to_decide:
        screen.say("A person must decide about:", "yellow")
        names = dict.fromkeys(back.person.reference for back in found.to_decide)
        screen.say(f"  {', '.join(list(names)[:MOST])}")
        screen.say(
            "  to do: erase them again (troth erase), or close their tombstones (troth tombstone close)."
        )
    if found.backs:
        screen.say()


def _row(back: Back, show_keys: bool) -> tuple[str, ...]:
    shown = (
        back.person.reference,
        f"{back.person.erasure.erased_at:%Y-%m-%d}",
        back.dataset,
        back.by,
        screen.number(back.rows),
        WHY[back.why],
    )
    if not show_keys:
        return shown
    values = back.row.key if back.row else back.values
    return (*shown, ", ".join(str(value) for value in values))

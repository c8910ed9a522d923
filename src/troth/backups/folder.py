"""List the copies that stand in a folder as files or folders; each is dated by its name, else by its time stamp."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from troth.backups.listings import Listed
from troth.errors import StoreError

_NAMED = re.compile(
    r"(?<!\d)(20\d\d)([-_.]?)(0[1-9]|1[0-2])\2(0[1-9]|[12]\d|3[01])(?:[T_ -]?([01]\d|2[0-3])[-_.:h]?([0-5]\d))?(?!\d)"
)
AHEAD = timedelta(days=1)
"""How far a date in a name may lie behind the time stamp's own and still be believed, zones and all."""


def listed(folder: Path, pattern: str) -> tuple[Listed, ...]:
    """List what matches a pattern, oldest first; hidden files, as those a copy is written to, are none.

    Raises:
        StoreError: the folder is not there or cannot be read: nothing in it is taken for gone.
    """
    if not folder.is_dir():
        raise StoreError(
            f"The folder of backups {folder} is not there.", hint="Is it mounted? Nothing was taken for gone."
        )
    try:
        found = [p for p in folder.glob(pattern) if not p.name.startswith(".")]
        copies = [Listed(name=str(p.resolve()), made=_made(p)) for p in found]
    except (OSError, ValueError, NotImplementedError) as error:
        raise StoreError(
            f"The folder of backups {folder} cannot be listed with this pattern.",
            hint="Write a pattern of names, as `*.dump` or `**/*.tar.gz`, and see that the folder can be read.",
        ) from error
    return tuple(sorted(copies, key=lambda one: (one.made, one.name)))


def _made(path: Path) -> datetime:
    """Date a copy by the earlier of its name and its time stamp: a file may be copied long after it was made."""
    stamped = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    dated = named(path.name)
    return dated if dated is not None and dated <= stamped + AHEAD else stamped


def named(name: str) -> datetime | None:
    """Read the date in a name: `app-2026-05-01.dump`, `20260501T0200`; a day means its beginning."""
    found = _NAMED.search(name)
    if found is None:
        return None
    year, _, month, day, hour, minute = found.groups()
    try:
        return datetime(int(year), int(month), int(day), int(hour or 0), int(minute or 0), tzinfo=UTC)
    except ValueError:
        return None

"""How the rows of every place lead to people, kept beside what a request comes to: only the stores can tell it.

It names datasets and columns, never a person. A store that is away when it is asked for leaves no ways behind.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from troth.app import files, people
from troth.app.casework.desk import Desk
from troth.app.clock import Moment
from troth.cases.case import Case
from troth.errors import StoreError
from troth.stores.sql import find_count

WAYS = "ways.json"
"""In the drawer of a request."""


def keep(desk: Desk, case: Case) -> None:
    """Keep the ways of every place beside what was worked out."""
    at = Moment(at=desk.now())
    try:
        with people.everywhere(desk.project(), desk.environment, at, readonly=True) as where:
            ways = {
                name: [f"{one.role}: {find_count.written(one)}" for one in reaches]
                for name, reaches in where.world.reaches.of.items()
            }
    except StoreError:
        return
    files.write(desk.drawer(case) / WAYS, json.dumps(ways, indent=1, sort_keys=True) + "\n")


def read(desk: Desk, case: Case) -> Mapping[str, Sequence[str]]:
    """Return the ways of every place, as sentences; nothing where they were not kept."""
    try:
        found: Mapping[str, Sequence[str]] = json.loads(
            (desk.drawer(case) / WAYS).read_text(encoding="utf-8")
        )
    except (OSError, ValueError):
        return {}
    return found

"""Why one row is still here: open its store, ask, and say when it goes and by which rule."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from troth.app import ledgers, retention, stores
from troth.app import project as projects
from troth.app.clock import Clock, Moment
from troth.plan import draft as drafting
from troth.plan.explain_row import Why
from troth.stores.sql import why as asking


def why(row: str, folder: Path, environment: Mapping[str, str], clock: Clock, moment: Moment) -> Why:
    """Explain one row, named as `app.customers/123`.

    Raises:
        BadInput: when the project has faults or no row can be named so.
        StoreError: when a store does not answer.
    """
    project = projects.load(folder, moment.at.date())
    with (
        stores.opened(project, environment, readonly=True) as opened,
        ledgers.opened(folder, environment, clock) as ledger,
    ):
        seen, _ = retention.seen(project, opened, ledger, moment.at)
        dataset, key = asking.read_place(seen, row)
        engine = opened.engines[dataset.partition(".")[0]]
        return asking.why(engine, seen, drafting.draft(seen), dataset, key)

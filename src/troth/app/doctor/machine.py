"""The machine: its clock, the packages that some work needs, and room on its disks."""

from __future__ import annotations

import importlib.util
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from troth.app import clock as clocks
from troth.app import ledgers
from troth.app import project as projects
from troth.app.doctor.finding import Finding, Patient, good, note, wrong
from troth.ledger import place
from troth.letters import signing
from troth.problems import BadInput

EARLIEST = datetime(2025, 1, 1, tzinfo=UTC)
"""No Troth was written before."""
LITTLE, TOO_LITTLE = 2_000_000_000, 200_000_000
"""Bytes that are worth knowing, and too few to work with."""
PACKAGES = {
    "typst": ("letters", "printing letters"),
    "duckdb": ("lake", "lakes, CSV and Parquet files"),
    "deltalake": ("lake", "Delta tables"),
}


def clock(patient: Patient) -> Iterator[Finding]:
    """Compare this machine's clock with what cannot be, and with the newest entry of the log."""
    now = patient.clock.now()
    if patient.clock.test:
        yield note(
            "clock",
            f"{clocks.VARIABLE} stands in for the clock: {now:%Y-%m-%d %H:%M} UTC.",
            "Unset it for real work.",
        )
        return
    if now < EARLIEST:
        yield wrong("clock", f"The clock says {now:%Y-%m-%d}.", "Set it, and let NTP keep it.", 3)
    else:
        yield good("clock", f"It is {now:%Y-%m-%d %H:%M} UTC.")


def packages(patient: Patient) -> Iterator[Finding]:
    """Look for packages of extras; those that this project needs must be there."""
    needed = set(_needed(patient))
    missing = [name for name in (*PACKAGES, "dkim") if importlib.util.find_spec(name) is None]
    for name in missing:
        extra, what = PACKAGES.get(name, ("mail", "signing mail"))
        to_do = f"pip install 'troth[{extra}]'"
        if name in needed:
            yield wrong("packages", f"{name} is not installed; this project needs it for {what}.", to_do, 3)
        else:
            yield note("packages", f"{name} is not installed; {what} would need it.", to_do)
    if not missing:
        yield good("packages", "Those of every extra are installed.")


def _needed(patient: Patient) -> Iterator[str]:
    if patient.environment.get(signing.KEY):
        yield "dkim"
    try:
        project = projects.load(patient.folder, patient.clock.now().date())
    except BadInput:
        return
    kinds = {store.kind for store in project.datamap.stores.values()}
    if "files" in kinds or any(store.files for store in project.datamap.stores.values()):
        yield "duckdb"
    if "delta" in kinds:
        yield "deltalake"


def disk(patient: Patient) -> Iterator[Finding]:
    """Look for room where the ledger, exports and temporary files go."""
    places = {"the project": patient.folder, "temporary files": Path(tempfile.gettempdir())}
    at = place.parse(ledgers.address(patient.folder, patient.environment))
    if isinstance(at, place.SQLitePlace):
        places["the ledger"] = next(one for one in at.path.absolute().parents if one.exists())
    short = []
    for name, folder in places.items():
        free = shutil.disk_usage(folder).free
        said = f"{free // 1_000_000} MB are free for {name}."
        if free < TOO_LITTLE:
            short.append(
                wrong("disk", said, "Make room: Troth stops, and loses nothing, when it is full.", 3)
            )
        elif free < LITTLE:
            short.append(note("disk", said, "Make room before a large export."))
    yield from short
    if not short:
        yield good("disk", "There is room.")

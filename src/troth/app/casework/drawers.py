"""The drawer of a request: the plan, the package and the certificate, in a folder nobody else may read.

A package holds what the person gets, so it goes when the request is over; plans and certificates name no person.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from troth.app import ledgers

FOLDER = "cases"
PLAN = "plan.json"
PACKAGE = "package"
CERTIFICATE = "certificate.json"


def of(project: Path, case: int) -> Path:
    """Return the drawer of a request, made on first use."""
    found = project / ledgers.HOME / FOLDER / str(case)
    found.mkdir(parents=True, exist_ok=True, mode=0o700)
    return found


def empty(project: Path, case: int) -> None:
    """Take out the package."""
    shutil.rmtree(project / ledgers.HOME / FOLDER / str(case) / PACKAGE, ignore_errors=True)

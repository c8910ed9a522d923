"""The application a WSGI server runs: `make(folder, environment)`, or `application` from `TROTH_PROJECT`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler

from troth.desk import setup


def make(folder: Path, environment: Mapping[str, str]) -> WSGIHandler:
    """Return the application for a project, with the ledger's tables brought up to date.

    Raises:
        BadInput: when the project has faults.
        Refused: when the ledger or its keys cannot be used.
        StoreError: when the ledger cannot be reached.
    """
    setup.configure(folder, environment)
    from troth.desk import tables
    from troth.desk.operating import logs

    logs.configure()
    tables.bring_up_to_date()
    _load()
    return WSGIHandler()


def _load() -> None:
    """Load what the first visitor of each process would wait for: all views, and the calendars of all countries.

    Done before processes part, it is loaded once and shared.
    """
    from troth.laws import calendars, shelf

    import_module(settings.ROOT_URLCONF)
    first = next(iter(shelf.calendars().places))
    calendars.holidays_of(first, datetime.now(UTC).year)

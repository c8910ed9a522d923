"""Fixtures for every test, and how properties are tried."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from db import quick_ledgers
from troth.ledger import upgrade

# The same examples every time, so that a red run is about the change at hand; TROTH_EXPLORE=1 looks for new ones.
settings.register_profile(
    "troth",
    derandomize="TROTH_EXPLORE" not in os.environ,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("troth")
upgrade._migrate = quick_ledgers.migrate


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> object:
    """Spread the tests over processes in our own way."""
    from spreading import Spreading

    return Spreading(config, log)


@pytest.fixture
def shared() -> Path:
    """Return the folder of large outside material (TROTH_SHARED, or `../shared`); skip where it is absent."""
    folder = Path(os.environ.get("TROTH_SHARED") or Path(__file__).parents[2] / "shared")
    if not folder.is_dir():
        pytest.skip("the shared material (Chinook, shop.sql, seeds) is not here")
    return folder

"""Fixtures for every test."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture
def shared() -> Path:
    """Return the folder of large outside material (TROTH_SHARED, or `../shared`); skip where it is absent."""
    folder = Path(os.environ.get("TROTH_SHARED") or Path(__file__).parents[2] / "shared")
    if not folder.is_dir():
        pytest.skip("the shared material (Chinook, shop.sql, seeds) is not here")
    return folder

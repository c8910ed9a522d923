"""The page on certificates names every key, outcome, way of standing there, and reason for not looking."""

from __future__ import annotations

import typing
from dataclasses import fields
from pathlib import Path

import pytest

from troth.rights import certificate
from troth.stores.sql import scan, scan_known, scan_places, scan_statistics

PAGE = (Path(__file__).parents[3] / "docs" / "reference" / "certificate.md").read_text(encoding="utf-8")
KEYS = [
    f.name for kind in (certificate.Certificate, certificate.Left, certificate.Stays) for f in fields(kind)
]
OUTCOMES = list(typing.get_args(certificate.Outcome))
HOWS = ["exact", "normalised", "hashed", "name", "file-name", "object-name", "row"]
REASONS = [
    scan.SHORT_KEYS,
    *scan.REFUSED.values(),
    scan_known.FOREIGN,
    scan_known.LARGE_OBJECTS,
    scan_known.STALE,
    scan_places.VIEW,
    scan_places.OUTSIDE,
    scan_places.HIDDEN,
    scan_places.DENIED,
    scan_places.BINARY,
    scan_places.WORDS,
    scan_statistics.DENIED,
]


@pytest.mark.parametrize("name", [*KEYS, *OUTCOMES, *HOWS, *REASONS, certificate.FORMAT])
def test_it_is_written_up(name: str) -> None:
    """Each name stands on the page as code."""
    assert f"`{name}`" in PAGE

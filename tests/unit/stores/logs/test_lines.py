"""A line of a log is redacted within itself, and bytes that are no text stay."""

from __future__ import annotations

import pytest

from troth.people.manifest import Manifest, Person
from troth.people.typed import Identity
from troth.plan.model import Blank, Coarsen, Replace
from troth.rights.model import Scrub
from troth.stores.files import spotting
from troth.stores.files.spotting import Spotter
from troth.stores.logs.lines import Line

ADA = frozenset({1})
IDENTITY = Identity(match="email", value="ada@example.org")
PEOPLE = (Person(number=1, values={}, identities=(IDENTITY,)),)
SPOTTER = Spotter(spotting.wanted(Manifest(entries=(), people=PEOPLE)))


@pytest.mark.parametrize(
    ("raw", "change", "made"),
    [
        (b"to ada@example.org\r\n", Scrub(column="line"), b"to [erased]\r\n"),
        (b"\xff ada@example.org", Scrub(column="line"), b"\xff [erased]"),
        (b"to ada@example.org\n", Blank(column="line"), b"\n"),
        (b"to ada@example.org\n", Replace(column="line", text="gone"), b"gone\n"),
        (b"to ben@example.org\n", Scrub(column="line"), b"to ben@example.org\n"),
        (b"1.2.3.4\n", Coarsen(column="line", to="ip-prefix"), b"1.2.3.4\n"),
    ],
)
def test_changes(raw: bytes, change: Scrub | Blank | Replace | Coarsen, made: bytes) -> None:
    """Each change leaves the rest of the line and its end as they were, and says whether it did anything."""
    line = Line(raw)
    assert line.change(change, ADA, SPOTTER) == (raw != made)
    assert line.raw == made
    assert not line.change(change, ADA, SPOTTER)


@pytest.mark.parametrize(
    "change", [Scrub(column="line"), Blank(column="line"), Replace(column="line", text="x" * 99)]
)
def test_a_fixed_line_keeps_its_length(change: Scrub | Blank | Replace) -> None:
    """A line of a file that a program has open is as long as before."""
    line = Line(b"to ada@example.org \xff\r\n", fixed=True)
    assert line.change(change, ADA, SPOTTER)
    assert len(line.raw) == 22
    assert b"ada" not in line.raw
    assert line.raw.endswith(b"\r\n")


def test_a_fixed_line_goes_blank() -> None:
    """Where a line cannot be taken out it is left blank."""
    line = Line(b"to ada@example.org\n", fixed=True)
    assert line.remove(ADA, SPOTTER, frozenset({"line"})) == "changed"
    assert line.raw.strip() == b""
    assert line.cell("line") is None

"""Listings of backup tools, read tolerantly: what can be read counts, what cannot is told."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.backups import listings

INFO = [
    {
        "archive": [{"database": {"id": 1, "repo-key": 1}, "id": "16-1", "max": "0", "min": "0"}],
        "backup": [
            {
                "archive": {"start": "000000010000000000000002", "stop": "000000010000000000000003"},
                "backrest": {"format": 5, "version": "2.50"},
                "database": {"id": 1, "repo-key": 1},
                "error": False,
                "info": {"delta": 1, "repository": {"delta": 1, "size": 1}, "size": 1},
                "label": "20260501-020000F",
                "lsn": {"start": "0/2000028", "stop": "0/2000138"},
                "prior": None,
                "reference": None,
                "timestamp": {"start": 1777600800, "stop": 1777601000},
                "type": "full",
            },
            {
                "label": "20260501-020000F_20260502-020000I",
                "prior": "20260501-020000F",
                "timestamp": {"start": 1777687200, "stop": 1777687300},
                "type": "incr",
            },
        ],
        "cipher": "none",
        "name": "main",
        "status": {"code": 0, "lock": {"backup": {"held": False}}, "message": "ok"},
    },
    {"backup": [], "db": [], "name": "demo", "status": {"code": 2, "message": "no valid backups"}},
]
SNAPSHOTS = [
    {
        "time": "2026-05-01T04:00:00.123456789+02:00",
        "tree": "aa",
        "paths": ["/srv/app"],
        "hostname": "db1",
        "username": "root",
        "tags": ["app"],
        "id": "0e3f1a",
        "short_id": "0e3f",
    },
    {"time": "2026-04-01T04:00:00Z", "paths": ["/srv/lake"], "hostname": "db1", "id": "ff00"},
]


def read(value: object, format: str, only: str = "") -> listings.Listing:
    """Read a listing given as data."""
    return listings.read(json.dumps(value), format, only=only)


def test_pgbackrest_is_dated_by_the_start() -> None:
    """Full and incremental backups count, each from when it was begun."""
    found = read(INFO, "pgbackrest")
    assert found.problems == ()
    assert [(c.name, c.made) for c in found.copies] == [
        ("20260501-020000F", datetime(2026, 5, 1, 2, tzinfo=UTC)),
        ("20260501-020000F_20260502-020000I", datetime(2026, 5, 2, 2, tzinfo=UTC)),
    ]


def test_one_stanza_can_be_asked_for() -> None:
    """A stanza without backups is in order; one that is not there is a problem."""
    assert read(INFO, "pgbackrest", only="demo") == listings.Listing(copies=(), problems=())
    assert len(read(INFO, "pgbackrest", only="other").problems) == 1


def test_a_stanza_that_is_not_in_order_is_told() -> None:
    """Its list may lack copies that are there."""
    broken = [{**INFO[0], "status": {"code": 99, "message": "other"}}]
    found = read(broken, "pgbackrest")
    assert (len(found.copies), len(found.problems)) == (2, 1)


def test_restic_is_read_with_its_nanoseconds_and_zone() -> None:
    """Snapshots are dated in UTC, oldest first."""
    found = read(SNAPSHOTS, "restic")
    assert [(c.name, c.made.isoformat()) for c in found.copies] == [
        ("ff00", "2026-04-01T04:00:00+00:00"),
        ("0e3f1a", "2026-05-01T02:00:00.123456+00:00"),
    ]


@pytest.mark.parametrize("only", ["app", "/srv/app"])
def test_a_tag_or_path_can_be_asked_for(only: str) -> None:
    """Snapshots of other things are passed over."""
    assert [c.name for c in read(SNAPSHOTS, "restic", only).copies] == ["0e3f1a"]


def test_restic_writes_null_for_nothing() -> None:
    """An empty repository is a listing."""
    assert listings.read("null", "restic") == listings.Listing(copies=(), problems=())


@pytest.mark.parametrize("format", ["pgbackrest", "restic"])
@pytest.mark.parametrize("text", ["", "{", "{}", "3", '"x"'])
def test_what_is_no_listing_is_told(format: str, text: str) -> None:
    """One problem, and no copy."""
    found = listings.read(text, format)
    assert (found.copies, [p.code for p in found.problems]) == ((), ["bad-listing"])


def test_an_entry_that_cannot_be_read_leaves_the_others() -> None:
    """Each is told by its number."""
    entries = [{"id": "x"}, 3, {"id": "y", "time": "soon"}, SNAPSHOTS[0]]
    found = read(entries, "restic")
    assert (len(found.copies), len(found.problems)) == (1, 3)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["name", "backup", "label", "timestamp", "start", "status", "code", "id", "time", "tags"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)


@given(_JSON, st.sampled_from(["pgbackrest", "restic"]))
def test_nothing_makes_a_reader_fall(value: object, format: str) -> None:
    """Whatever a tool prints, every entry is a copy or a problem."""
    found = read([value], format, only="")
    assert all(problem.code == "bad-listing" for problem in found.problems)

"""What an entry is listed under."""

from __future__ import annotations

import pytest

from troth.evidence.labels import labels


def test_an_entry_is_listed_by_kind_and_by_the_first_thing_it_names() -> None:
    """A request counts before the plan that is made for it."""
    data = b'{"at":"x","body":{"case":"case:3","plan":"sha256:1"},"format":"f","kind":"case.event"}'
    assert labels(data) == ("case.event", "case:3")


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"kind":1,"body":null}', b"\xff", b'"kind"', b"4"])
def test_bytes_that_are_no_entry_have_no_label(data: bytes) -> None:
    """A damaged entry is found by verification, not by its label."""
    assert labels(data) == ("", "")


def test_labels_have_an_end() -> None:
    """No label is longer than its column."""
    kind, about = labels(b'{"kind":"%b","body":{"promise":"%b"}}' % (b"k" * 99, b"p" * 999))
    assert (len(kind), len(about)) == (60, 300)

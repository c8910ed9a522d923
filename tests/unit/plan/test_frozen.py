"""Plans as files: what was changed after it was sealed is refused."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from troth.plan import codec, frozen


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something sealed."""

    text: str
    format: str = "note/1"
    hash: str = ""


def test_what_was_sealed_is_read_back() -> None:
    """A sealed value comes back equal, hash and all."""
    made = frozen.sealed(Note(text="keep"))
    assert len(made.hash) == 64
    assert frozen.load_sealed(Note, "note/1", frozen.dump(made), "note") == made


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("keep", "lose", "changed after it was sealed"),
        ("note/1", "note/2", "not a note of format note/1"),
        ("{", "", "not JSON"),
    ],
)
def test_what_was_changed_is_refused(old: str, new: str, why: str) -> None:
    """Another content, another format and no JSON at all are told apart."""
    text = frozen.dump(frozen.sealed(Note(text="keep"))).replace(old, new, 1)
    with pytest.raises(codec.Undecodable, match=why):
        frozen.load_sealed(Note, "note/1", text, "note")

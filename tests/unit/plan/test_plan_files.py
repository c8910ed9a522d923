"""A plan is refused as soon as anything in its file has been changed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from troth.plan import codec, model, seal
from unit.plan import makers

CASE: dict[str, Any] = {
    "tables": {"customers": ["id int key", "email text?", "closed_at instant?"]},
    "rules": {"account": {"for": "2 years", "after": "account.closed"}},
    "map": {
        "datasets": {
            "app.customers": {
                "kept-as": "account",
                "on-expiry": "delete-row",
                "fields": {"contact": ["email"]},
                "anchors": {"account.closed": "closed_at"},
            }
        }
    },
}


def text() -> str:
    """Write a small plan."""
    made = makers.drafted(CASE)
    return model.dump(seal.seal(makers.world(CASE), made, makers.all_of(made), simulation=False))


TEXT = text()


@settings(max_examples=300, deadline=None)
@given(place=st.integers(0, len(TEXT) - 1), new=st.sampled_from('0aZ{}[],:" \n-'))
def test_any_changed_character_is_refused(place: int, new: str) -> None:
    """Unless it changes nothing that is said (white space), the file is not read."""
    changed = TEXT[:place] + new + TEXT[place + 1 :]
    try:
        same = json.loads(changed) == json.loads(TEXT)
    except json.JSONDecodeError:
        same = False
    if same:
        assert model.load(changed).hash == model.load(TEXT).hash
    else:
        with pytest.raises(codec.Undecodable):
            model.load(changed)


@pytest.mark.parametrize("bad", ["", "[]", "{}", '{"format": "troth.plan/9"}', "[" * 100_000])
def test_what_is_no_plan_is_refused(bad: str) -> None:
    """Other files are no plans."""
    with pytest.raises(codec.Undecodable):
        model.load(bad)

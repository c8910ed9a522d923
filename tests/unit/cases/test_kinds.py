"""Kinds of request: what laws call them, and which act has their term."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from troth.cases import clocks, kinds
from troth.laws import shelf
from troth.laws.facts import Fact
from troth.policy.model import Rights
from troth.problems import BadInput

FOLDER = Path(__file__).parents[2] / "cases"
ROWS: list[dict[str, Any]] = yaml.safe_load((FOLDER / "case_rights.yml").read_text(encoding="utf-8"))
RECEIVED = datetime(2026, 9, 1, 9, tzinfo=UTC)
NOW = datetime(2026, 9, 2, tzinfo=UTC)


@pytest.mark.parametrize("row", ROWS, ids=[f"{row['kind']} {row['law']}" for row in ROWS])
def test_a_law_calls_it(row: dict[str, Any]) -> None:
    """Each kind finds its right and its term under the law's own words."""
    kind, pack = kinds.kind(row["kind"]), shelf.load(row["law"])
    right = kind.right(pack)
    dates = clocks.computed(kind, (pack.law,), (Fact(kind="received", at=RECEIVED),), "", NOW)
    assert (right.right if right else None) == row["right"]
    assert ("event" not in row) or row["event"] in [one.event for one in dates.clocks]


@pytest.mark.parametrize("kind", kinds.ALL.values(), ids=lambda kind: kind.name)
def test_some_law_gives_it(kind: kinds.Kind) -> None:
    """No kind is unknown to every law: it has a right or a term in some pack."""
    packs = [shelf.load(law) for law in shelf.names()]
    words = {word for pack in packs for word in kind.named(pack.law)}
    terms = {word for pack in packs for term in pack.terms for word in term.of}
    assert any(kind.right(pack) for pack in packs) or words & terms


def test_every_right_of_a_policy_is_a_kind() -> None:
    """What a policy may offer can be asked for, but for a right that nobody asks for."""
    offered = set(Rights.model_fields["offer"].annotation.__args__[0].__args__)  # type: ignore[union-attr]
    asked = {name for kind in kinds.ALL.values() for name in kind.offered}
    assert offered - asked == {"non-discrimination"}


@pytest.mark.parametrize(
    ("kind", "stops"),
    [
        ("opt-out-sale", True),
        ("withdraw", True),
        ("object-marketing", True),
        ("access", False),
        ("erase", False),
        ("complain", False),
        ("appeal", False),
    ],
)
def test_what_only_stops_a_use(kind: str, stops: bool) -> None:
    """Only what stops a use and does no more is done without asking who it is."""
    assert kinds.kind(kind).stops is stops


def test_a_right_counts_on_its_days() -> None:
    """A right that came later is none on an earlier day."""
    complain, uk = kinds.kind("complain"), shelf.load("uk-gdpr")
    assert complain.right(uk, date(2026, 6, 18)) is None
    assert complain.right(uk, date(2026, 6, 19)) is not None


def test_an_unknown_kind_names_the_nearest() -> None:
    """A slip of the pen is told the name that was meant."""
    with pytest.raises(BadInput) as caught:
        kinds.kind("acess")
    assert caught.value.problems[0].nearest == "access"

"""Coverage and kinds: what is cited, and first guesses."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from troth.policy.text import coverage, kinds, reading
from troth.policy.text.coverage import Standing

TEXT = reading.read(
    "p.md", "# T\n\nWe care.\n\nWe keep:\n\n- names for 2 years\n- mail:\n  - sent\n  - got\n\nNo words.\n"
)
PRINTS = {sentence.text: sentence.fingerprint for sentence in TEXT.sentences}


def standings(found: coverage.Coverage) -> dict[str, Standing]:
    """Return text → standing."""
    return {row.sentence.text: row.standing for row in found.rows}


def test_nothing_is_cited_by_nothing() -> None:
    """Without rules every sentence is uncited."""
    found = coverage.coverage(TEXT, {})
    assert (found.cited, found.wording_only, found.uncited) == (0, 0, len(TEXT.sentences))


def test_a_lead_in_is_cited_through_its_items() -> None:
    """One cited inner item makes its item and the lead-in cited, and no sibling."""
    found = coverage.coverage(TEXT, {PRINTS["sent"]: ["retention.mail"]})
    cited = {text for text, standing in standings(found).items() if standing is Standing.CITED}
    assert cited == {"sent", "mail:", "We keep:"}
    assert [row.rules for row in found.rows if row.sentence.text == "sent"] == [("retention.mail",)]


def test_a_lead_in_is_wording_when_all_its_items_are() -> None:
    """One item left out keeps the lead-in uncited."""
    both = standings(coverage.coverage(TEXT, {}, {PRINTS["sent"], PRINTS["got"]}))
    one = standings(coverage.coverage(TEXT, {}, {PRINTS["sent"]}))
    assert (both["mail:"], one["mail:"]) == (Standing.WORDING_ONLY, Standing.UNCITED)


def test_a_citation_outranks_the_declaration_of_wording() -> None:
    """A sentence both cited and declared counts once, as cited."""
    found = coverage.coverage(TEXT, {PRINTS["We care."]: ["a", "b"]}, [PRINTS["We care."]])
    assert (found.cited, found.wording_only) == (1, 0)


def test_a_reference_to_nothing_is_reported() -> None:
    """References that resolve to no sentence are listed once."""
    found = coverage.coverage(TEXT, {"fp1:00000000": ["a"]}, ["fp1:00000000"])
    assert found.unresolved == ("fp1:00000000",)


@pytest.mark.parametrize(
    ("text", "heading", "kind"),
    [
        ("We retain account data for two years after closure.", "Retention", "retention"),
        ("We share data with our affiliates.", "Sharing", "sharing"),
        ("Cookies are placed by this site.", "Cookies", "cookie"),
        ("We notify users of a data breach.", "Breaches", "breach"),
        ("You have the right to data portability.", "Rights", "right-portability"),
        ("Remove your data from our backup systems", "Deletion", "backup"),
        ("We do not knowingly collect data of children.", "Children", "children"),
        ("Hello.", "", "other"),
    ],
)
def test_plain_promises_are_guessed(text: str, heading: str, kind: str) -> None:
    """What says plainly what it is is recognised."""
    assert kinds.guess(text, headings=(heading,)) == kind


def test_every_kind_is_documented() -> None:
    """The reference lists the kinds of the table and no others."""
    page = (Path(__file__).parents[4] / "docs/reference/pinned-text.md").read_text(encoding="utf-8")
    listed = page[page.index("The kinds: ") :]
    assert set(re.findall(r"`([a-z-]+)`", listed)) == kinds.KINDS

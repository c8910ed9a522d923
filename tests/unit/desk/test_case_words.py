"""The words of the case screen: every step has some, and none of them names a command."""

from __future__ import annotations

import pytest

from troth.cases import events, moves
from troth.desk.console import case_words
from troth.letters import kinds as letters


@pytest.mark.parametrize(
    ("hint", "left"),
    [
        ("`troth request show 1` says what comes next.", ""),
        ("Read the plan, then decide `--partial`; the person is told.", ""),
        ("Name a reason of that law too, or grant it.", "Name a reason of that law too, or grant it."),
        ("Mend it. `troth find` names the store.", "Mend it."),
    ],
)
def test_hints_lose_the_sentences_that_name_commands(hint: str, left: str) -> None:
    """A sentence about a command is left out, every other one stays."""
    assert case_words.plainly(hint) == left


@pytest.mark.parametrize(
    ("need", "left"),
    [
        (
            "For whom the data is held is not known: `troth request customer`.",
            "For whom the data is held is not known.",
        ),
        ("The fee has not come.", "The fee has not come."),
        (
            "Nobody said yet that it is clear who asks: `troth request verify`; ask only where the law lets you.",
            "Nobody said yet that it is clear who asks; ask only where the law lets you.",
        ),
    ],
)
def test_needs_lose_commands_and_nothing_else(need: str, left: str) -> None:
    """What a case needs is said without the command that does it."""
    assert case_words.shortly(need) == left


def test_states_and_groups_have_words() -> None:
    """Every state has a name, and every step stands in a group that is shown."""
    assert set(case_words.STATES) == set(moves.STATES)
    assert {one.group for one in case_words.STEPS.values()} == set(case_words.GROUPS)


def test_outcomes_have_words() -> None:
    """Every way a case ends is told in words."""
    assert set(case_words.DECIDED) == set(events.OUTCOMES)


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (True, "yes"),
        (("a", "b"), "a, b"),
        ("hmac-sha256:" + "ab" * 32, "abababababababab…"),
        (3, "3"),
        ("no-doubt", "no doubt"),
        (("statutory-duty", "eu-gdpr"), "statutory duty, eu-gdpr"),
    ],
)
def test_values_of_events_are_short(value: object, says: str) -> None:
    """Digests are cut and lose their algorithm; codes become words, names of laws stay."""
    assert case_words.value(value) == says


def test_every_letter_is_called_something() -> None:
    """A list says what a letter is, not which template wrote it."""
    assert set(case_words.LETTERS) == set(letters.ALL)

"""Five published policies, read: totals and headings as found by reading them line by line.

Skipped where the texts are absent. No sentence of theirs stands here, only counts and fingerprints.
"""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import yaml

from troth.policy.text import drift, lock, reading
from troth.policy.text.model import Text

SEEDS = yaml.safe_load((Path(__file__).parents[3] / "cases/text-seeds.yml").read_text(encoding="utf-8"))
NAMES = list(SEEDS)


def seed(shared: Path, name: str) -> Text:
    """Read one of the five texts; skip where it is absent."""
    path = shared / "seeds" / f"{name}.txt"
    if not path.is_file():
        pytest.skip("the published texts are not here")
    return reading.read_bytes(path.name, path.read_bytes())


@pytest.mark.parametrize("name", NAMES)
def test_headings_are_the_ones_a_reader_sees(shared: Path, name: str) -> None:
    """Each heading is found with its level, and no line is taken for one that is none."""
    assert [f"{h.level} {h.fingerprint}" for h in seed(shared, name).headings] == SEEDS[name]["headings"]


@pytest.mark.parametrize("name", NAMES)
def test_blocks_add_up_to_what_was_counted(shared: Path, name: str) -> None:
    """As many sentences, items and rows are found as were counted."""
    text = seed(shared, name)
    counts: dict[str, int] = {}
    for sentence in text.sentences:
        counts[sentence.block.value] = counts.get(sentence.block.value, 0) + 1
    assert counts == SEEDS[name]["blocks"]


@pytest.mark.parametrize("name", NAMES)
def test_no_word_is_lost(shared: Path, name: str) -> None:
    """The words of headings, sentences and markup are the words of the text, once each."""
    text = seed(shared, name)
    source = (shared / "seeds" / f"{name}.txt").read_text(encoding="utf-8")
    pieces = sorted([(e.start, e.end) for e in (*text.headings, *text.sentences)] + list(text.markup))
    assert "".join("".join(source[a:b].split()) for a, b in pieces) == "".join(source.split())


@pytest.mark.parametrize("name", NAMES)
def test_every_sentence_can_be_cited(shared: Path, name: str) -> None:
    """The lock of each text comes back and does not drift from it."""
    text = seed(shared, name)
    assert drift.compare(lock.loads("p.lock", lock.dumps(lock.of(text))), text).same


@pytest.mark.parametrize("name", NAMES)
def test_a_policy_is_read_at_once(shared: Path, name: str) -> None:
    """Reading one policy takes well under 0.3 CPU seconds."""
    begun = time.process_time()
    seed(shared, name)
    assert time.process_time() - begun < 0.3

"""The lock: written, read back, damaged, referred to and compared."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.policy.text import drift, lock, reading, reference
from troth.policy.text.fingerprint import fingerprint
from troth.policy.text.lock import LockedSentence
from troth.policy.text.reference import Outcome
from troth.problems import BadInput

POLICY = """Intro words.

# Sharing

Do we share?

## Names

No.

## Phones

No.

# Names

No. We keep them for 2 years. We keep them for 2 years.
"""
NO = fingerprint("No.")
SENTENCES = [f"We keep part {n} for {n} years." for n in range(6)]


def lock_of(source: str) -> lock.Lock:
    """Return the lock of a markdown text."""
    return lock.of(reading.read("p.md", source))


def text_of(order: list[str]) -> str:
    """Write sentences as a text with one heading."""
    return "# One\n\nIntro.\n\n" + " ".join(order)


def test_a_lock_comes_back_as_it_was_written() -> None:
    """Writing and reading a lock changes nothing."""
    made = lock_of(POLICY)
    assert lock.loads("p.lock", lock.dumps(made)) == made


def test_a_lock_holds_no_word_of_the_text() -> None:
    """No word of five letters of the text stands in its lock."""
    written = lock.dumps(lock_of("# Retention\n\nWe sell bananas under moonlight."))
    assert not any(word in written for word in ("bananas", "moonlight", "Retention"))


def test_line_ends_of_another_system_do_no_harm() -> None:
    """A lock checked out with CR LF reads the same."""
    made = lock_of(POLICY)
    assert lock.loads("p.lock", lock.dumps(made).replace("\n", "\r\n")) == made


@pytest.mark.parametrize("change", ["cut", "edit", "empty", "later", "junk", "leap", "kind"])
def test_a_changed_lock_is_a_fault(change: str) -> None:
    """Whatever happened to a lock, loading it says so."""
    written = lock.dumps(lock_of(POLICY))
    body = written[: written.index("end ")]
    damaged = {
        "cut": written[:-90],
        "edit": written.replace("fp1:", "fp1:0", 1),
        "empty": "",
        "later": written.replace("lock/1", "lock/2"),
        "junk": _sealed(body + "what is this\n"),
        "leap": _sealed(body + f"9 # {NO}\n"),
        "kind": _sealed(body + f"= {NO} nonsense\n"),
    }[change]
    with pytest.raises(BadInput) as caught:
        lock.loads("p.lock", damaged)
    assert [problem.code for problem in caught.value.problems] == ["lock-damaged"]


def _sealed(body: str) -> str:
    return f"{body}end sha256:{hashlib.sha256(body.encode()).hexdigest()}\n"


def test_equal_sentences_need_their_heading() -> None:
    """A fingerprint under several headings is ambiguous until the path tells them apart."""
    made = lock_of(POLICY)
    names, sharing = fingerprint("Names")[4:], fingerprint("Sharing")[4:]
    assert reference.resolve(made, NO).outcome is Outcome.AMBIGUOUS
    assert reference.resolve(made, f"{NO}@{fingerprint('Phones')[4:]}").outcome is Outcome.FOUND
    assert reference.resolve(made, f"{NO}@{names}").outcome is Outcome.AMBIGUOUS
    assert reference.resolve(made, f"{NO}@{sharing}/{names}").outcome is Outcome.FOUND


def test_equal_sentences_in_one_place_are_one_statement() -> None:
    """A reference means both of two equal sentences under one heading."""
    found = reference.resolve(lock_of(POLICY), fingerprint("We keep them for 2 years."))
    assert (found.outcome, len(found.entries)) == (Outcome.FOUND, 2)


def test_a_heading_can_be_cited() -> None:
    """A fingerprint no sentence has may be a heading's."""
    found = reference.resolve(lock_of(POLICY), fingerprint("Phones"))
    assert found.outcome is Outcome.FOUND
    assert not isinstance(found.entries[0], LockedSentence)


@pytest.mark.parametrize(
    ("value", "code", "shown"),
    [
        ("7f3a", "bad-fingerprint", "fp1:7f3a91c2"),
        ("fp1:00000000", "unknown-fingerprint", ""),
        (NO, "ambiguous-fingerprint", f"{NO}@{fingerprint('Phones')[4:]}"),
    ],
)
def test_a_bad_reference_says_what_would_do(value: str, code: str, shown: str) -> None:
    """The problem of a reference carries valid ones."""
    problem = reference.problem(lock_of(POLICY), value, None)
    assert problem is not None
    assert problem.code == code
    assert not shown or shown in problem.valid


def test_a_slip_in_typing_shows_the_nearest() -> None:
    """One wrong digit is recognised."""
    right = fingerprint("Intro words.")
    wrong = right[:-1] + ("0" if right[-1] != "0" else "1")
    problem = reference.problem(lock_of(POLICY), wrong, None)
    assert problem is not None
    assert problem.nearest == right


def test_the_shortest_reference_of_each_sentence_means_it() -> None:
    """What the command prints resolves to the very sentence."""
    made = lock_of(POLICY)
    for sentence in made.sentences:
        found = reference.resolve(made, reference.shortest(made, sentence))
        assert found.outcome is Outcome.FOUND
        assert {entry.path for entry in found.entries} == {sentence.path}
    assert reference.all_shortest(made) == {
        (s.fingerprint, s.path): reference.shortest(made, s) for s in made.sentences
    }


def test_a_text_does_not_drift_from_its_own_lock() -> None:
    """Typography and layout are no drift."""
    other = POLICY.replace("Intro words.", "INTRO   words").replace("2 years", "2\u00a0years")
    found = drift.compare(lock_of(POLICY), reading.read("p.md", other))
    assert found.same
    assert drift.findings(found, "p.lock") == ()


def test_drift_names_what_came_and_went() -> None:
    """A changed number is one sentence removed and one added."""
    found = drift.compare(
        lock_of(text_of(SENTENCES)), reading.read("p.md", text_of([*SENTENCES[1:], "New."]))
    )
    assert [s.text for s in found.added] == ["New."]
    assert [s.fingerprint for s in found.removed] == [fingerprint(SENTENCES[0])]
    assert not found.moved
    assert {problem.code for problem in drift.findings(found, "p.lock")} == {"text-drifted"}


def test_a_renamed_heading_moves_its_sentences() -> None:
    """Sentences under a heading with another name stand elsewhere."""
    found = drift.compare(
        lock_of(text_of(SENTENCES)), reading.read("p.md", text_of(SENTENCES).replace("One", "Two"))
    )
    assert (len(found.added), len(found.removed)) == (0, 0)
    assert [h.text for h in found.headings_added] == ["Two"]


def test_another_text_is_one_finding() -> None:
    """Many differences are summed up."""
    other = " ".join(f"Other words number {n} here." for n in range(40))
    assert len(drift.findings(drift.compare(lock_of(POLICY), reading.read("p.md", other)), "p.lock")) == 1


@given(st.permutations(SENTENCES))
def test_only_what_left_the_order_has_moved(order: list[str]) -> None:
    """The sentences that did not move are a longest run in order, found here by trying all subsets."""
    found = drift.compare(lock_of(text_of(SENTENCES)), reading.read("p.md", text_of(order)))
    places = [SENTENCES.index(sentence) for sentence in order]
    runs = [[p for bit, p in enumerate(places) if mask >> bit & 1] for mask in range(1 << len(places))]
    longest = max(len(run) for run in runs if run == sorted(run))
    assert len(found.moved) == len(SENTENCES) - longest

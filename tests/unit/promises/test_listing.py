"""The list of promises: ids, titles, sentences and places."""

from __future__ import annotations

from troth.policy import promises as blocks
from troth.promises.checks import CHECKS
from unit.promises.makers import listed, reading

IDS = [
    "categories.contact",
    "categories.health",
    "purposes.support",
    "retention.account",
    "retention.cap",
    "R-7",
    "rights.access",
    "rights.erase",
    "rights.answer-within.eu-gdpr",
    "erasure.backups",
    "erasure.confirm",
    "erasure.recipients",
    "erasure.minimal-record",
    "breach.tell-people-within",
    "breach.tell-authority-within",
    "breach.include.nature",
    "breach.include.contact",
    "transfers.us",
    "recipients.mailer",
    "statements.locks",
    "contacts.privacy",
]


def test_ids() -> None:
    """Every promise of every block is listed once, by its own id or by block and key."""
    assert [promise.id for promise in listed()] == IDS


def test_ids_agree_with_citations() -> None:
    """Whatever an attestation may name is a promise of the list, or the block of one."""
    policy = reading().policy
    assert policy is not None
    named = list(blocks.ids(policy))
    assert all(any(p.covered_by(name) for p in listed()) for name in named), named


def test_every_kind_has_a_check() -> None:
    """No promise is without a check, and no check without a promise."""
    assert {promise.kind for promise in listed()} == set(CHECKS)


def test_places() -> None:
    """A promise knows the line it is written on; a part the line of its own key."""
    lines = {promise.id: promise.span.line for promise in listed() if promise.span}
    assert (lines["retention.account"], lines["R-7"], lines["rights.answer-within.eu-gdpr"]) == (9, 11, 14)
    assert len(lines) == len(IDS)


def test_sentences() -> None:
    """A right has its own sentences where given, else those of the block."""
    says = {promise.id: promise.says for promise in listed()}
    assert (says["rights.access"], says["rights.erase"]) == (("fp1:00000001",), ("fp1:00000002",))
    assert says["retention.account"] == ("fp1:0c9e77aa",)


def test_titles() -> None:
    """A title says what is promised."""
    titles = {promise.id: promise.title for promise in listed()}
    assert titles["retention.account"] == "Account: kept for 2 years after account.closed"
    assert titles["retention.cap"] == "Cap: at most 7 years after account.closed"
    assert titles["R-7"] == "Story: kept for ever"
    assert titles["breach.tell-people-within"] == "People are told of a breach within 72 hours"


def test_only_what_is_said() -> None:
    """A policy that leaves a block or a part out makes no promise of it."""
    text = "troth: 1\norganisation: {name: Alma}\nerasure: {recipients: no}\n"
    assert listed(text) == ()


def test_a_right_for_some_says_for_whom() -> None:
    """The title of a right that is kept to some people names them."""
    text = "troth: 1\norganisation: {name: Alma}\nrights: {offer: [erase], only-for: {erase: members}}\n"
    assert [promise.title for promise in listed(text)] == ["People have the right: erase (only members)"]


def test_a_block_covers_its_parts() -> None:
    """An id covers itself and what stands under it, not what only begins alike."""
    covered = [promise.id for promise in listed() if promise.covered_by("erasure")]
    assert len(covered) == 4
    assert not any(promise.covered_by("erasure.back") for promise in listed())

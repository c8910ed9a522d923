"""Signatures under mails: which keys are taken, for which domains, and that receivers find them good."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from troth.letters import message, signing
from troth.letters.message import Mail, Origin
from troth.letters.signing import Signer
from troth.problems import BadInput
from unit.letters.samples import letter

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


def pem(kind: str = "rsa", bits: int = 2048) -> bytes:
    """Return a private key in PEM form."""
    made = {
        "rsa": lambda: rsa.generate_private_key(65537, bits),
        "ed25519": ed25519.Ed25519PrivateKey.generate,
        "ec": lambda: ec.generate_private_key(ec.SECP256R1()),
    }[kind]()
    return bytes(made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def mail(to: str = "anna@example.org") -> Mail:
    """Return a mail of a letter."""
    origin = Origin(address="privacy@mail.kraemer.example", reply_to="desk@kraemer.example")
    return message.build(letter("code"), to=to, origin=origin, token="ab" * 16, at=AT)


def good(signed: Mail, by: Signer) -> bool:
    """Verify as a receiver does, with the record in the DNS."""
    return bool(dkim.verify(signed.content, dnsfunc=lambda name, timeout=5: by.record.encode()))


@pytest.mark.parametrize("kind", ["rsa", "ed25519"])
def test_a_receiver_finds_the_signature_good(kind: str) -> None:
    """With either kind of key; and not once somebody changed a word, a subject, or added a sender."""
    by = signing.signer(pem(kind), selector="troth2026", domain="kraemer.example")
    signed = signing.sign(mail(), by)
    assert good(signed, by)
    for old, new in ((b"Subject: ", b"Subject: No. "), (b"From: ", b"From: x@evil.example\r\nFrom: ")):
        forged = signed.content.replace(old, new, 1)
        assert forged != signed.content
        assert not good(Mail(content=forged, sender=signed.sender, to=signed.to), by)


def test_what_is_signed_can_be_verified_at_all() -> None:
    """Every line ends with CR and LF, none is too long, and what receivers align on is there."""
    signed = signing.sign(
        mail("zoë@bücher.example"), signing.signer(pem(), selector="s", domain="kraemer.example")
    )
    assert b"\n" not in signed.content.replace(b"\r\n", b"")
    assert b"\r" not in signed.content.replace(b"\r\n", b"")
    assert max(map(len, signed.content.split(b"\r\n"))) <= 998
    read = message_from_bytes(signed.content)
    assert str(read["Message-ID"]).endswith("@mail.kraemer.example>")
    assert read["Date"]
    assert "d=kraemer.example" in str(read["DKIM-Signature"])
    assert "c=relaxed/relaxed" in str(read["DKIM-Signature"])


@pytest.mark.parametrize(
    "key",
    [b"", b"no key", pem("ec"), pem("rsa", 1024).replace(b"PRIVATE", b"PUBLIC")],
    ids=["empty", "text", "ec", "public"],
)
def test_a_key_that_is_none_is_refused_unseen(key: bytes) -> None:
    """Nothing of it is shown."""
    with pytest.raises(BadInput) as bad:
        signing.signer(key, selector="s", domain="kraemer.example")
    assert "no key to sign mail with" in bad.value.problems[0].message
    assert bad.value.problems[0].found == ""


@pytest.mark.parametrize("selector", ["", "a b", "x;p=1", "a..b", "é"])
def test_a_selector_must_be_a_name(selector: str) -> None:
    """What cannot stand in the DNS is refused."""
    with pytest.raises(BadInput):
        signing.signer(pem("ed25519"), selector=selector, domain="kraemer.example")


@pytest.mark.parametrize(
    ("sender", "fits"),
    [
        ("a@kraemer.example", True),
        ("a@mail.KRAEMER.example", True),
        ("a@notkraemer.example", False),
        ("a@example", False),
    ],
)
def test_only_mail_of_its_own_domain_is_signed(sender: str, fits: bool) -> None:
    """A signature of another domain would help nobody (DMARC)."""
    by = signing.signer(pem("ed25519"), selector="s", domain="kraemer.example")
    if fits:
        signing.ready(by, sender)
        return
    with pytest.raises(BadInput) as bad:
        signing.ready(by, sender)
    assert "TROTH_DKIM_DOMAIN" in bad.value.problems[0].message


def test_nothing_secret_shows() -> None:
    """The key is in no representation."""
    by = signing.signer(pem("ed25519"), selector="s", domain="kraemer.example")
    assert by.key.decode() not in repr(by)

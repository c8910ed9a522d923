"""Three keys, none of which can stand for another, and digests that cannot be joined."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed448

from troth.errors import Damaged, Refused
from troth.evidence import fields, keys
from unit.evidence.makers import KEYS, NAME, made_keys

SALT = b"0123456789abcdef"


def test_keys_differ() -> None:
    """The three secrets are three, and two ledgers share none."""
    other = made_keys("two")
    assert len({KEYS.tombstones, KEYS.commitments, other.tombstones, other.commitments}) == 4
    assert KEYS.signing.verifier.public != other.signing.verifier.public


def test_signing_key_round_trip() -> None:
    """The signing key is written in PEM and read back the same."""
    assert keys.read_signing(NAME, keys.signing_pem(KEYS.signing)).verifier == KEYS.signing.verifier


def test_secret_round_trip() -> None:
    """A secret is written as hexadecimal digits and read back the same."""
    assert keys.read_secret(keys.secret_text(KEYS.tombstones)) == KEYS.tombstones


def other_pem() -> bytes:
    """Return a private key of another kind."""
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    return ed448.Ed448PrivateKey.from_private_bytes(bytes(57)).private_bytes(
        pem, pkcs8, serialization.NoEncryption()
    )


@pytest.mark.parametrize(
    "pem", [b"", b"rubbish", b"\xff\x00", keys.signing_pem(KEYS.signing)[:80], other_pem()]
)
def test_damaged_signing_key(pem: bytes) -> None:
    """A signing key that is cut, no key, or of another kind is damage."""
    with pytest.raises(Damaged):
        keys.read_signing(NAME, pem)


@pytest.mark.parametrize("text", [b"", b"zz" * 32, b"00" * 31, b"00" * 33, b"\xff" * 64])
def test_damaged_secret(text: bytes) -> None:
    """A secret that is cut or not hexadecimal is damage."""
    with pytest.raises(Damaged):
        keys.read_secret(text)


def test_digests_depend_on_everything() -> None:
    """Another key, salt, store or value gives another digest; the same gives the same."""
    app, crm = keys.store_key(KEYS.tombstones, "app"), keys.store_key(KEYS.tombstones, "crm")
    made = [
        keys.digest(app, SALT, b"value"),
        keys.digest(crm, SALT, b"value"),
        keys.digest(app, SALT + b"0", b"value"),
        keys.digest(app, SALT, b"0value"),
        keys.digest(KEYS.commitments, SALT, b"value"),
    ]
    assert len(set(made)) == len(made)
    assert made[0] == keys.digest(app, SALT, b"value")
    assert all(fields.DIGEST.accepts(digest) for digest in made)


def test_salt_and_value_cannot_be_shifted() -> None:
    """Moving a byte from the value to the salt does not give the same digest."""
    assert keys.digest(KEYS.commitments, SALT, b"xy") != keys.digest(KEYS.commitments, SALT + b"x", b"y")


def test_a_short_salt_is_refused() -> None:
    """A salt that could be guessed is no salt."""
    with pytest.raises(Refused):
        keys.digest(KEYS.commitments, b"short", b"value")

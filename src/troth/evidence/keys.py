"""The three keys of a ledger: one signs, one makes tombstones, one makes commitments; none replaces another.

Randomness is an argument; files are the business of `keyfiles`. Digests are HMAC-SHA-256; the key of a store
is derived by HKDF (RFC 5869), so that digests of two stores cannot be joined.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from troth.errors import Damaged, Refused
from troth.evidence.note import Signer

Random = Callable[[int], bytes]
"""Returns that many random bytes, as `secrets.token_bytes`."""

SECRET_BYTES = 32
ID_BYTES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """What a ledger signs and digests with; `repr` shows the name alone."""

    signing: Signer
    tombstones: bytes = field(repr=False)
    commitments: bytes = field(repr=False)
    older_tombstones: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    """Keys that were rotated out, by id: what was made with them is compared with them."""
    older_commitments: Mapping[str, bytes] = field(default_factory=dict, repr=False)

    @property
    def all_tombstones(self) -> Mapping[str, bytes]:
        """Return every key for tombstones by its id, the one in use first."""
        return {key_id(self.tombstones): self.tombstones, **self.older_tombstones}


def generate(name: str, random: Random) -> Keys:
    """Make three fresh keys; the signing key bears the name, which is the log's origin."""
    signing = Signer(name=name, private=Ed25519PrivateKey.from_private_bytes(random(SECRET_BYTES)))
    return Keys(signing=signing, tombstones=random(SECRET_BYTES), commitments=random(SECRET_BYTES))


def signing_pem(signer: Signer) -> bytes:
    """Write the private signing key as PKCS #8 in PEM (RFC 5958), unencrypted."""
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    return signer.private.private_bytes(pem, pkcs8, serialization.NoEncryption())


def read_signing(name: str, pem: bytes) -> Signer:
    """Read a private signing key.

    Raises:
        Damaged: when it is not an unencrypted Ed25519 key in PEM.
    """
    try:
        private = serialization.load_pem_private_key(pem, password=None)
    except (ValueError, TypeError) as error:
        raise Damaged(
            "The signing key was expected as an unencrypted key in PEM; it cannot be read."
        ) from error
    if not isinstance(private, Ed25519PrivateKey):
        raise Damaged("The signing key was expected to be an Ed25519 key; it is of another kind.")
    return Signer(name=name, private=private)


def secret_text(secret: bytes) -> bytes:
    """Write a secret key as hexadecimal digits and a newline."""
    return secret.hex().encode() + b"\n"


def read_secret(text: bytes) -> bytes:
    """Read a secret key.

    Raises:
        Damaged: when it is not 64 hexadecimal digits.
    """
    try:
        secret = bytes.fromhex(text.decode("ascii").strip())
    except ValueError as error:
        raise Damaged("A secret key was expected as 64 hexadecimal digits; it cannot be read.") from error
    if len(secret) != SECRET_BYTES:
        raise Damaged(f"A secret key of {SECRET_BYTES} bytes was expected; it has {len(secret)}.")
    return secret


def key_id(secret: bytes) -> str:
    """Return the id by which a secret key is told from others; it tells nothing about the key."""
    made = HKDF(algorithm=hashes.SHA256(), length=ID_BYTES, salt=None, info=b"troth.key-id/1")
    return made.derive(secret).hex()


def store_key(secret: bytes, store: str) -> bytes:
    """Derive the key for one store."""
    info = b"troth.store/1\x00" + store.encode()
    return HKDF(algorithm=hashes.SHA256(), length=SECRET_BYTES, salt=None, info=info).derive(secret)


def digest(secret: bytes, salt: bytes, value: bytes) -> str:
    """Return the salted, keyed digest that may stand in an entry in place of a value.

    Whoever destroys the salt destroys the link: without it nobody can test a guess, not even with the key.

    Raises:
        Refused: when the salt is shorter than 16 bytes.
    """
    if len(salt) < 16:
        raise Refused(f"A salt of at least 16 bytes was expected; this one has {len(salt)}.")
    framed = b"troth.digest/1\x00" + len(salt).to_bytes(4, "big") + salt + value
    return "hmac-sha256:" + hmac.digest(secret, framed, "sha256").hex()

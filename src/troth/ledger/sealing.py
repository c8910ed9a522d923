"""Seal what the ledger may hold but not show: scopes of holds, names of staff (AES-256-GCM, RFC 5116).

The key is derived from the commitments key in the keys folder (HKDF, RFC 5869), so that a copy of the ledger
alone tells nothing. Each sealed value is bound to its place in the ledger: moved to another row, it does not
open. Digests that find a value again are keyed (HMAC-SHA-256): nobody without the key can test a guess.
"""

from __future__ import annotations

import contextlib
import hmac
import secrets
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from troth.errors import Damaged

VERSION = b"\x01"
NONCE = 12
"""Bytes; random for each value (NIST SP 800-38D §8.2.2 allows 2^32 of them under one key)."""
KEY = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealing:
    """Seal, open and digest with keys derived from one secret."""

    secret: bytes = field(repr=False)
    older: tuple[bytes, ...] = field(default=(), repr=False)
    """Secrets that were rotated out: what was sealed with them still opens."""

    def seal(self, plain: bytes, *, place: str) -> bytes:
        """Encrypt a value for one place, such as `hold/ID`."""
        nonce = secrets.token_bytes(NONCE)
        return VERSION + nonce + AESGCM(_derived(self.secret, "seal")).encrypt(nonce, plain, place.encode())

    def open(self, sealed: bytes, *, place: str) -> bytes:
        """Decrypt a value sealed for that place.

        Raises:
            Damaged: when it was sealed with another key, for another place, or has been changed.
        """
        nonce, ciphertext = sealed[1 : 1 + NONCE], sealed[1 + NONCE :]
        for secret in (self.secret, *self.older):
            if sealed[:1] == VERSION:
                with contextlib.suppress(InvalidTag, ValueError):
                    return AESGCM(_derived(secret, "seal")).decrypt(nonce, ciphertext, place.encode())
        raise Damaged(
            f"A sealed value of the ledger ({place}) cannot be opened: it was changed, or the key in the "
            "keys folder is not the one it was sealed with.",
            hint="Put back the keys folder that belongs to this ledger.",
        )

    def digest(self, text: str, *, use: str) -> str:
        """Return the keyed digest by which a value is found again; another use gives another digest."""
        return _digest(self.secret, text, use)

    def digests(self, text: str, *, use: str) -> tuple[str, ...]:
        """Return the digests under which a value may be found: with the secret in use, then with older ones."""
        return tuple(_digest(secret, text, use) for secret in (self.secret, *self.older))


def _digest(secret: bytes, text: str, use: str) -> str:
    return hmac.digest(_derived(secret, f"digest/{use}"), text.encode(), "sha256").hex()


def _derived(secret: bytes, use: str) -> bytes:
    info = f"troth/ledger/{use}/1".encode()
    return HKDF(algorithm=SHA256(), length=KEY, salt=None, info=info).derive(secret)

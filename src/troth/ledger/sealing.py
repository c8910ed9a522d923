"""Seal what the ledger may hold but not show: scopes of holds, names of staff (AES-256-GCM, RFC 5116).

The key is derived from the commitments key in the keys folder (HKDF, RFC 5869), so that a copy of the ledger
alone tells nothing. Each sealed value is bound to its place in the ledger: moved to another row, it does not
open. Digests that find a value again are keyed (HMAC-SHA-256): nobody without the key can test a guess.
"""

from __future__ import annotations

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

    def seal(self, plain: bytes, *, place: str) -> bytes:
        """Encrypt a value for one place, such as `hold/ID`."""
        nonce = secrets.token_bytes(NONCE)
        return VERSION + nonce + AESGCM(self._derived("seal")).encrypt(nonce, plain, place.encode())

    def open(self, sealed: bytes, *, place: str) -> bytes:
        """Decrypt a value sealed for that place.

        Raises:
            Damaged: when it was sealed with another key, for another place, or has been changed.
        """
        nonce, ciphertext = sealed[1 : 1 + NONCE], sealed[1 + NONCE :]
        try:
            if sealed[:1] != VERSION:
                raise InvalidTag
            return AESGCM(self._derived("seal")).decrypt(nonce, ciphertext, place.encode())
        except (InvalidTag, ValueError) as error:
            raise Damaged(
                f"A sealed value of the ledger ({place}) cannot be opened: it was changed, or the key in the "
                "keys folder is not the one it was sealed with.",
                hint="Put back the keys folder that belongs to this ledger.",
            ) from error

    def digest(self, text: str, *, use: str) -> str:
        """Return the keyed digest by which a value is found again; another use gives another digest."""
        return hmac.digest(self._derived(f"digest/{use}"), text.encode(), "sha256").hex()

    def _derived(self, use: str) -> bytes:
        info = f"troth/ledger/{use}/1".encode()
        return HKDF(algorithm=SHA256(), length=KEY, salt=None, info=info).derive(self.secret)

"""Sign a text as a note (C2SP signed-note) with an Ed25519 key that has a name.

Reading and checking notes stands in `verify`; here is the half that holds the private key. A note is the
text, an empty line, and one line per signature: em dash, key name, base64 of key id and signature.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from troth.errors import Refused
from troth.evidence.verify import Note, VerifierKey, valid_name

__all__ = ["Note", "Signer", "VerifierKey", "sign"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """A named private key; neither `repr` nor an error ever shows the key."""

    name: str
    private: Ed25519PrivateKey = field(repr=False)

    def __post_init__(self) -> None:
        if not valid_name(self.name):
            raise Refused(
                "The name of a signing key may hold no white space, no '+' and no control character.",
                hint="Use the log's origin, such as example.org/privacy.",
            )

    @property
    def verifier(self) -> VerifierKey:
        """The public half, for those who verify."""
        raw = serialization.Encoding.Raw, serialization.PublicFormat.Raw
        return VerifierKey(name=self.name, public=self.private.public_key().public_bytes(*raw))


def sign(text: str, signer: Signer) -> str:
    """Return the signed note for a text.

    Raises:
        Refused: when the text does not end in a newline or holds control characters.
    """
    if not text.endswith("\n") or any(ord(char) < 32 and char != "\n" for char in text):
        raise Refused("A text to be signed ends in a newline and holds no other control character.")
    value = signer.verifier.key_id + signer.private.sign(text.encode())
    return f"{text}\n\u2014 {signer.name} {base64.b64encode(value).decode()}\n"

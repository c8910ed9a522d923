"""Sign mails so that receivers can tell they are ours (DKIM: RFC 6376, RFC 8301; Ed25519: RFC 8463).

Headers and body are signed in their relaxed form, for mail servers on the way rewrap headers. The key stays with
whoever runs Troth; here it is bytes that were read already. Does no I/O.
"""

from __future__ import annotations

import base64
import importlib.util
import re
from dataclasses import dataclass, field, replace
from typing import Literal

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from troth.errors import Refused
from troth.letters.message import Mail
from troth.problems import BadInput, Problem

KEY, SELECTOR, DOMAIN = "TROTH_DKIM_KEY", "TROTH_DKIM_SELECTOR", "TROTH_DKIM_DOMAIN"
LEAST_BITS = 1024
"""Of an RSA key; receivers ignore shorter ones, and 2048 are advised (RFC 8301 §3.2)."""
SIGNED = (
    *(b"from", b"from", b"subject", b"subject", b"to", b"date", b"message-id", b"reply-to"),
    *(b"mime-version", b"content-type", b"content-transfer-encoding", b"content-language", b"auto-submitted"),
)
"""From and Subject twice: nobody can add a second one (RFC 6376 §5.4.2)."""
_NAME = re.compile(r"(?=.{1,253}\Z)[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,62})(?:\.[A-Za-z0-9_-]{1,63})*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """What signs, and under which name its public half stands in the DNS."""

    domain: str
    selector: str
    algorithm: Literal["rsa-sha256", "ed25519-sha256"]
    key: bytes = field(repr=False)
    """As dkimpy takes it."""
    public: str
    """Its public half, as the record has it."""
    bits: int

    @property
    def name(self) -> str:
        """Return the name of the DNS record."""
        return f"{self.selector}._domainkey.{self.domain}"

    @property
    def record(self) -> str:
        """Return the text of the DNS record."""
        return f"v=DKIM1; k={self.algorithm.partition('-')[0]}; p={self.public}"


def signer(key: bytes, *, selector: str, domain: str) -> Signer:
    """Read a key.

    Raises:
        BadInput: when it is no private key of RSA or Ed25519 in PEM form, or a name is none.
    """
    for variable, name in ((SELECTOR, selector), (DOMAIN, domain)):
        if not _NAME.fullmatch(name):
            raise _bad(f"{variable} is no name that can stand in the DNS.", "Set it, as `mail2026`.")
    try:
        found = load_pem_private_key(key, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        found = None
    if isinstance(found, rsa.RSAPrivateKey) and found.key_size >= LEAST_BITS:
        private = found.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
        shown = found.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return _made(domain, selector, "rsa-sha256", private, shown, found.key_size)
    if isinstance(found, ed25519.Ed25519PrivateKey):
        raw = found.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
        shown = found.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return _made(domain, selector, "ed25519-sha256", base64.b64encode(raw), shown, 256)
    raise _bad(
        f"The file {KEY} names holds no key to sign mail with.",
        f"Make one: openssl genrsa -out dkim.pem 2048 (Ed25519 is taken too; RSA from {LEAST_BITS} bits on).",
    )


def ready(by: Signer, sender: str) -> None:
    """See that mails from an address can be signed.

    Raises:
        BadInput: when it is of another domain than the key is for: receivers would not count it (RFC 7489 §3.1.1).
        Refused: when what signs is not installed.
    """
    host, own = sender.rpartition("@")[2].lower(), by.domain.lower()
    if host != own and not host.endswith(f".{own}"):
        raise _bad(
            f"{DOMAIN} is not the domain that letters come from, nor one above it.",
            "Set it to the domain of `mail: {from: …}` in troth.yaml.",
        )
    needed = ("dkim", "nacl") if by.algorithm == "ed25519-sha256" else ("dkim",)
    if not all(importlib.util.find_spec(one) for one in needed):
        raise Refused(
            "Letters are to be signed, and a package that this takes is not installed.",
            hint=f"Install Troth with its extra `mail`: pip install 'troth[mail]'; or unset {KEY}.",
        )


def sign(mail: Mail, by: Signer) -> Mail:
    """Return the mail with a signature on top; `ready` has said before that it can be."""
    import dkim

    head = dkim.sign(
        mail.content,
        by.selector.encode(),
        by.domain.encode(),
        by.key,
        canonicalize=(b"relaxed", b"relaxed"),
        signature_algorithm=by.algorithm.encode(),
        include_headers=list(SIGNED),
    )
    return replace(mail, content=bytes(head) + mail.content)


def _made(
    domain: str,
    selector: str,
    algorithm: Literal["rsa-sha256", "ed25519-sha256"],
    key: bytes,
    shown: bytes,
    bits: int,
) -> Signer:
    public = base64.b64encode(shown).decode()
    return Signer(domain=domain, selector=selector, algorithm=algorithm, key=key, public=public, bits=bits)


def _bad(message: str, hint: str) -> BadInput:
    return BadInput([Problem(code="bad-value", message=message, hint=hint)])

"""Manifests of rights plans: sealed under a key of their own, opened for work, destroyed when it is proven done.

The key is sealed with the ledger's, so destroying that one row of bytes makes every copy of the ledger made later
useless for reading who a plan was about. What stays is a digest, a number of people and an outcome.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from troth.errors import Damaged, Refused
from troth.ledger.models import Manifest
from troth.ledger.sealing import Sealing
from troth.ledger.session import Session

KEY_BITS = 256
NONCE = 12
SALT = 16
COLUMNS = ("digest", "made_for", "plan", "people", "created_at", "outcome", "destroyed_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestRecord:
    """What may be known of a manifest without opening it."""

    digest: str
    made_for: str
    plan: str
    people: int
    created_at: datetime
    outcome: str
    destroyed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewManifest:
    """A manifest before it is kept."""

    made_for: str
    people: int
    salted: bytes
    digest: str
    """SHA-256 over salt and content: different each time, so that nobody can test a guess."""


def prepared(made_for: str, content: bytes, people: int) -> NewManifest:
    """Salt a manifest and take its digest."""
    salted = secrets.token_bytes(SALT) + content
    digest = hashlib.sha256(salted).hexdigest()
    return NewManifest(made_for=made_for, people=people, salted=salted, digest=digest)


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifests:
    """Keep, open and destroy manifests."""

    session: Session
    sealing: Sealing

    def keep(self, new: NewManifest, *, plan: str, by: int, at: datetime) -> None:
        """Keep a manifest sealed, under a key of its own.

        Args:
            new: What `prepared` returned.
            plan: Hash of the plan it belongs to.
            by: Staff id of who asked for it.
            at: The instant.
        """
        key, nonce = AESGCM.generate_key(KEY_BITS), secrets.token_bytes(NONCE)
        sealed = nonce + AESGCM(key).encrypt(nonce, new.salted, new.digest.encode())
        with self.session.writing() as alias:
            Manifest.objects.using(alias).create(
                digest=new.digest,
                made_for=new.made_for,
                plan=plan,
                people=new.people,
                key=self.sealing.seal(key, place=_place(new.digest)),
                sealed=sealed,
                created_at=at,
                created_by_id=by,
            )

    def open(self, digest: str) -> bytes:
        """Return the content of a manifest.

        Raises:
            Refused: when this ledger has none of that digest, or it was destroyed.
            Damaged: when it cannot be opened.
        """
        with self.session.reading() as alias:
            row = Manifest.objects.using(alias).filter(digest=digest).values("key", "sealed").first()
        if row is None:
            raise Refused(
                "This ledger has no manifest for the plan: it was made in another project.",
                hint="Apply a plan with the ledger it was made with.",
            )
        if row["key"] is None or row["sealed"] is None:
            raise Refused(
                "The manifest of this plan was destroyed when its erasure was proven done.",
                hint="Make a new plan if there is something left to do.",
            )
        key = self.sealing.open(bytes(row["key"]), place=_place(digest))
        sealed = bytes(row["sealed"])
        content = AESGCM(key).decrypt(sealed[:NONCE], sealed[NONCE:], digest.encode())
        if hashlib.sha256(content).hexdigest() != digest:
            raise Damaged("A manifest of the ledger does not match its digest.")
        return content[SALT:]

    def ended(self, digest: str, *, outcome: str, at: datetime, destroy: bool) -> None:
        """Write down what came of it; destroy it where the work is proven done.

        Several may apply one plan at the same time. What is proven stays so, and a try that could do nothing says
        nothing about one that could.
        """
        gone = {"key": None, "sealed": None, "destroyed_at": at} if destroy else {}
        with self.session.writing() as alias:
            open_ = Manifest.objects.using(alias).filter(digest=digest, destroyed_at=None)
            if outcome == "failed":
                open_ = open_.filter(outcome="")
            open_.update(outcome=outcome, **gone)

    def read(self, digest: str) -> ManifestRecord | None:
        """Return what is known of a manifest."""
        with self.session.reading() as alias:
            row = Manifest.objects.using(alias).filter(digest=digest).values(*COLUMNS).first()
        return ManifestRecord(**row) if row else None

    def listed(self) -> tuple[ManifestRecord, ...]:
        """List all manifests, oldest first."""
        with self.session.reading() as alias:
            rows = Manifest.objects.using(alias).order_by("pk").values(*COLUMNS)
            return tuple(ManifestRecord(**row) for row in rows)


def _place(digest: str) -> str:
    return f"manifest/{digest}"

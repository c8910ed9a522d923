"""Webhooks and what is on its way to them: secrets sealed, bodies of references only, each delivery known by an id.

A delivery on its way is claimed for a while: whoever died with it in hand loses it to the next, so that it arrives at
least once, always under the same id. Choosing what is told and sending it is the business of `app.systems.webhooks`.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from troth.ledger.models_desk import Delivery, Webhook
from troth.ledger.sealing import Sealing
from troth.ledger.session import Session

COLUMNS = ("id", "name", "url", "events", "made_at", "made_by_id", "ended_at")
SENT = (
    *("id", "webhook_id", "message", "event", "body", "state", "attempts", "code"),
    *("next_at", "made_at", "ended_at"),
)
Outcome = Literal["delivered", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookRecord:
    """What may be known of a webhook without its secret."""

    id: int
    name: str
    url: str
    events: tuple[str, ...]
    made_at: datetime
    made_by: int
    ended_at: datetime | None

    @property
    def reference(self) -> str:
        """Write the id as evidence has it."""
        return f"webhook:{self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewWebhook:
    """A webhook before it has an id."""

    name: str
    url: str
    events: Sequence[str]
    by: int
    sealed: Mapping[str, object]
    """Its secret, and whether it may stand in a private network."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDelivery:
    """An event for a webhook."""

    webhook: int
    message: str
    event: str
    body: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRecord:
    """One event on its way."""

    id: int
    webhook: int
    message: str
    event: str
    body: Mapping[str, object]
    state: str
    attempts: int
    code: int | None
    next_at: datetime
    made_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhooks:
    """Keep webhooks and deliveries."""

    session: Session
    sealing: Sealing

    def add(self, new: NewWebhook, *, at: datetime) -> WebhookRecord | None:
        """Keep a webhook; nothing where the name was ever used."""
        with self.session.writing() as alias:
            if Webhook.objects.using(alias).filter(name=new.name).exists():
                return None
            sealed = self.sealing.seal(json.dumps(dict(new.sealed)).encode(), place=_place(new.name))
            Webhook.objects.using(alias).create(
                name=new.name,
                url=new.url,
                events=list(new.events),
                sealed=sealed,
                made_at=at,
                made_by_id=new.by,
            )
        return self.named(new.name)

    def listed(self, *, every: bool = False) -> tuple[WebhookRecord, ...]:
        """List webhooks, oldest first; those that were removed too where `every` asks for them."""
        with self.session.reading() as alias:
            rows = Webhook.objects.using(alias).order_by("pk")
            rows = rows if every else rows.filter(ended_at=None)
            return tuple(_record(row) for row in rows.values(*COLUMNS))

    def named(self, name: str) -> WebhookRecord | None:
        """Return the webhook of that name."""
        with self.session.reading() as alias:
            row = Webhook.objects.using(alias).filter(name=name).values(*COLUMNS).first()
        return _record(row) if row else None

    def sealed(self, name: str) -> dict[str, Any]:
        """Return what is sealed of a webhook.

        Raises:
            Damaged: when it cannot be opened.
        """
        with self.session.reading() as alias:
            row = Webhook.objects.using(alias).values("sealed").get(name=name)
        found: dict[str, Any] = json.loads(self.sealing.open(bytes(row["sealed"]), place=_place(name)))
        return found

    def end(self, name: str, *, at: datetime) -> WebhookRecord | None:
        """Tell a webhook nothing any more, nor what was on its way; nothing where it had ended already."""
        with self.session.writing() as alias:
            if not Webhook.objects.using(alias).filter(name=name, ended_at=None).update(ended_at=at):
                return None
            waiting = Delivery.objects.using(alias).filter(webhook__name=name, state="waiting")
            waiting.update(state="failed", ended_at=at)
        return self.named(name)

    def put(self, found: Collection[NewDelivery], *, at: datetime) -> None:
        """Put events on their way; one that is there already stays as it is."""
        with self.session.writing() as alias:
            Delivery.objects.using(alias).bulk_create(
                [
                    Delivery(
                        webhook_id=one.webhook,
                        message=one.message,
                        event=one.event,
                        body=dict(one.body),
                        state="waiting",
                        next_at=at,
                        made_at=at,
                    )
                    for one in found
                ],
                ignore_conflicts=True,
            )

    def due(self, at: datetime, *, limit: int) -> tuple[DeliveryRecord, ...]:
        """Return what may be tried now, what waited longest first."""
        with self.session.reading() as alias:
            rows = Delivery.objects.using(alias).filter(state="waiting", next_at__lte=at)
            rows = rows.order_by("next_at", "pk").values(*SENT)[:limit]
            return tuple(_delivery(row) for row in rows)

    def deliveries(self, webhook: int, *, limit: int = 50) -> tuple[DeliveryRecord, ...]:
        """Return what went or goes to a webhook, newest first."""
        with self.session.reading() as alias:
            rows = Delivery.objects.using(alias).filter(webhook_id=webhook).order_by("-pk")
            return tuple(_delivery(row) for row in rows.values(*SENT)[:limit])

    def claim(self, seen: DeliveryRecord, *, lease: datetime) -> DeliveryRecord | None:
        """Take a delivery in hand until the lease ends; nothing when somebody else took it first."""
        with self.session.writing() as alias:
            rows = Delivery.objects.using(alias).filter(
                pk=seen.id, state="waiting", attempts=seen.attempts, next_at=seen.next_at
            )
            if not rows.update(attempts=seen.attempts + 1, next_at=lease):
                return None
            return _delivery(Delivery.objects.using(alias).values(*SENT).get(pk=seen.id))

    def put_back(self, claimed: DeliveryRecord, *, next_at: datetime, code: int | None) -> None:
        """Let a claimed delivery wait for its next attempt."""
        with self.session.writing() as alias:
            _claimed(alias, claimed).update(next_at=next_at, code=code)

    def finish(self, claimed: DeliveryRecord, outcome: Outcome, *, at: datetime, code: int | None) -> bool:
        """Write down what became of a claimed delivery; return whether it was still ours to say."""
        with self.session.writing() as alias:
            return bool(_claimed(alias, claimed).update(state=outcome, code=code, ended_at=at))

    def forget(self, before: datetime) -> int:
        """Remove deliveries that ended before an instant; return how many."""
        with self.session.writing() as alias:
            return int(Delivery.objects.using(alias).filter(ended_at__lt=before).delete()[0])


def _claimed(alias: str, claimed: DeliveryRecord):  # type: ignore[no-untyped-def] # a Django query
    return Delivery.objects.using(alias).filter(pk=claimed.id, state="waiting", attempts=claimed.attempts)


def _place(name: str) -> str:
    return f"webhook/{name}"


def _record(row: dict[str, Any]) -> WebhookRecord:
    fields = {name.removesuffix("_id"): value for name, value in row.items()}
    return WebhookRecord(**(fields | {"events": tuple(fields["events"])}))


def _delivery(row: dict[str, Any]) -> DeliveryRecord:
    return DeliveryRecord(**{name.removesuffix("_id"): value for name, value in row.items()})

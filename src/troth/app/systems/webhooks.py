"""Other systems that are told of events: entered, told, told again, removed.

What there is to tell is read off the evidence log from where the last round stopped, so that nothing that happens
must think of it and nothing is lost. Each round first puts what is new on its way, then sends what is due. Every
event arrives at least once, under one id.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from troth.app import ledgers
from troth.app.requests.steps import Place
from troth.app.systems import calls as webhook_calls
from troth.app.systems import events as webhook_events
from troth.app.systems.calls import Answer
from troth.app.systems.events import EVENTS, Told
from troth.errors import Refused
from troth.evidence.entry import Entry
from troth.evidence.instants import instant
from troth.ledger.ledger import Ledger
from troth.ledger.webhooks import DeliveryRecord, NewDelivery, NewWebhook, WebhookRecord
from troth.problems import BadInput, Problem, nearest

CURSOR = "webhooks.cursor"
"""Setting: how many entries were looked at."""
STATUSES = "webhooks.promises"
"""Setting: the status of each promise as it was seen last."""
AT_ONCE = 2_000
"""Entries that are looked at in one transaction."""
SHOWN = timedelta(days=30)
"""How long deliveries that ended are kept."""
RECENT = timedelta(days=7)
LONGEST_NAME = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A webhook and its secret, which is shown this once."""

    webhook: WebhookRecord
    secret: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A webhook, and how it stands with what it is told."""

    webhook: WebhookRecord
    waiting: int
    failed: int
    """Of the last fifty."""
    last: datetime | None
    code: int | None
    """What it answered last."""


@dataclass(slots=True, kw_only=True)
class Round:
    """What one round did."""

    new: int = 0
    delivered: int = 0
    later: int = 0
    failed: int = 0


def add(name: str, url: str, events: Sequence[str], at: Place, *, by: str, private: bool = False) -> Made:
    """Tell another system of events from now on.

    Args:
        name: Of the system; no two webhooks ever have the same.
        url: Where it is told: https.
        events: Of what; of everything where none is named.
        at: Project, environment and clock.
        by: Who says so.
        private: It may stand in a private network, or on this machine.

    Raises:
        BadInput: when a part cannot be used.
        Refused: when there was a webhook of this name.
    """
    now = at.clock.now()
    wanted = tuple(dict.fromkeys(events)) or tuple(EVENTS)
    if problems := [*_faults(name, wanted), *filter(None, [webhook_calls.unusable(url, private=private)])]:
        raise BadInput(problems)
    secret = webhook_calls.new_secret()
    with ledgers.opened(at.folder, at.environment, at.clock) as ledger, ledger.writing():
        if not ledger.webhooks.listed():
            ledger.settings.set(CURSOR, ledger.evidence.tree().size)
        who = ledger.staff.identify(by, at=now)
        sealed = {"secret": secret, "private": private}
        found = ledger.webhooks.add(
            NewWebhook(name=name, url=url, events=wanted, by=who, sealed=sealed), at=now
        )
        if found is None:
            raise Refused(f"There is or was a webhook `{name}`.", hint="Take another name.")
        body: dict[str, object] = {
            "webhook": found.reference,
            "by": f"staff:{who}",
            "events": [one.replace(".", "-") for one in wanted],
            "private": private,
        }
        ledger.append(Entry(kind="webhook.added", at=now, body=body))
        ledger.checkpoint(at=now)
    return Made(webhook=found, secret=secret)


def listed(at: Place) -> tuple[Seen, ...]:
    """List the webhooks there are, and how it stands with each."""
    with ledgers.opened(at.folder, at.environment, at.clock) as ledger:
        return tuple(_seen(ledger, one) for one in ledger.webhooks.listed())


def remove(name: str, at: Place, *, by: str) -> WebhookRecord:
    """Tell a system nothing any more.

    Raises:
        BadInput: when there is no such webhook.
    """
    now = at.clock.now()
    with ledgers.opened(at.folder, at.environment, at.clock) as ledger, ledger.writing():
        gone = ledger.webhooks.end(_standing(ledger, name).name, at=now)
        assert gone is not None
        body = {"webhook": gone.reference, "by": f"staff:{ledger.staff.identify(by, at=now)}"}
        ledger.append(Entry(kind="webhook.ended", at=now, body=body))
        ledger.checkpoint(at=now)
    return gone


def test(name: str, at: Place) -> Answer:
    """Send a test event now; nothing of it is kept.

    Raises:
        BadInput: when there is no such webhook.
    """
    now = at.clock.now()
    with ledgers.opened(at.folder, at.environment, at.clock) as ledger:
        hook = _standing(ledger, name)
        sealed = ledger.webhooks.sealed(hook.name)
    what = Told(event=webhook_events.TEST, key=instant(now), at=now, data={"webhook": hook.name})
    return _call(hook, sealed, webhook_events.message(hook.id, what), webhook_events.body(what), now)


def deliver(place: Place, limit: int = 500) -> Round:
    """Put on its way what happened since the last round, and send what is due.

    Args:
        place: Project, environment and clock.
        limit: Most calls of this round.
    """
    done = Round()
    with ledgers.opened(place.folder, place.environment, place.clock) as ledger:
        hooks = {one.id: one for one in ledger.webhooks.listed()}
        if not hooks:
            return done
        done.new = _gather(ledger, tuple(hooks.values()), place.clock.now())
        silent: set[int] = set()
        for seen in ledger.webhooks.due(place.clock.now(), limit=limit):
            hook = hooks.get(seen.webhook)
            if hook is not None and hook.id not in silent and not _send(ledger, hook, seen, place, done):
                silent.add(hook.id)
        ledger.webhooks.forget(place.clock.now() - SHOWN)
    return done


def _gather(ledger: Ledger, hooks: Sequence[WebhookRecord], now: datetime) -> int:
    """Put what is new on its way, with the place up to which it was looked for, all or nothing."""
    new = 0
    with ledger.writing():
        size, kept = ledger.evidence.tree().size, ledger.settings.get(STATUSES)
        at = ledger.settings.get(CURSOR)
        start = min(at, size) if isinstance(at, int) else size
        end = min(size, start + AT_ONCE)
        statuses = {name: str(one) for name, one in kept.items()} if isinstance(kept, dict) else {}
        entries = (
            (index, Entry.decode(data))
            for index, data in enumerate(ledger.evidence.entries(start, end), start)
        )
        found = [*webhook_events.told(entries, statuses), *_plans_done(ledger, now)]
        since = _since(ledger)
        for hook in hooks:
            wanted = [one for one in found if one.event in hook.events and _after(one, hook, since)]
            ledger.webhooks.put([_delivery(hook, one) for one in wanted], at=now)
            new += sum(one.key.startswith("entry/") for one in wanted)
        ledger.settings.set(CURSOR, end)
        ledger.settings.set(STATUSES, dict(statuses))
    return new


def _since(ledger: Ledger) -> dict[str, int]:
    """Return the number of the entry by which each webhook was entered: the log has an order, whatever clocks do."""
    found = ledger.evidence_pages.oldest(kind="webhook.added", limit=AT_ONCE)
    return {str(Entry.decode(one.data).body["webhook"]): one.index for one in found}


def _after(told: Told, hook: WebhookRecord, since: dict[str, int]) -> bool:
    """Tell whether something happened after a webhook was entered."""
    entry, first = told.data.get("entry"), since.get(hook.reference)
    if isinstance(entry, int) and first is not None:
        return entry > first
    return told.at >= hook.made_at


def _plans_done(ledger: Ledger, now: datetime) -> list[Told]:
    """Name plans that were done of late; what is on its way already is not put there again."""
    return [
        Told(event="plan.done", key=one.hash, at=one.ended_at, data={"plan": one.hash, "made_for": one.kind})
        for one in ledger.kept_plans.listed(("done",))
        if one.ended_at is not None and one.ended_at > now - RECENT
    ]


def _delivery(hook: WebhookRecord, told: Told) -> NewDelivery:
    return NewDelivery(
        webhook=hook.id,
        message=webhook_events.message(hook.id, told),
        event=told.event,
        body=webhook_events.body(told),
    )


def _send(ledger: Ledger, hook: WebhookRecord, seen: DeliveryRecord, place: Place, done: Round) -> bool:
    """Send one; return whether the other side answered at all."""
    now = place.clock.now()
    claimed = ledger.webhooks.claim(seen, lease=now + webhook_calls.LEASE)
    if claimed is None:
        return True
    answer = _call(hook, ledger.webhooks.sealed(hook.name), claimed.message, claimed.body, now)
    at = place.clock.now()
    after = webhook_calls.next_attempt(claimed.attempts, made=claimed.made_at, at=at)
    if answer.taken:
        done.delivered += ledger.webhooks.finish(claimed, "delivered", at=at, code=answer.code)
    elif after is None or answer.code == webhook_calls.GONE:
        done.failed += ledger.webhooks.finish(claimed, "failed", at=at, code=answer.code)
    else:
        ledger.webhooks.put_back(claimed, next_at=after, code=answer.code)
        done.later += 1
    return answer.code is not None


def _call(
    hook: WebhookRecord, sealed: dict[str, object], message: str, body: object, now: datetime
) -> Answer:
    data = json.dumps(body, sort_keys=True, separators=(",", ":")).encode()
    headers = webhook_calls.signed(str(sealed["secret"]), message, now, data)
    return webhook_calls.call(hook.url, headers, data, private=bool(sealed["private"]))


def _seen(ledger: Ledger, hook: WebhookRecord) -> Seen:
    every = ledger.webhooks.deliveries(hook.id)
    tried = [one for one in every if one.attempts]
    return Seen(
        webhook=hook,
        waiting=sum(one.state == "waiting" for one in every),
        failed=sum(one.state == "failed" for one in every),
        last=max((one.ended_at for one in tried if one.ended_at), default=None),
        code=next((one.code for one in tried), None),
    )


def _standing(ledger: Ledger, name: str) -> WebhookRecord:
    every = ledger.webhooks.listed()
    found = next((one for one in every if one.name == name), None)
    if found is None:
        names = tuple(one.name for one in every)
        problem = Problem(
            code="unknown-name",
            message="There is no such webhook.",
            found=name,
            valid=names,
            nearest=nearest(name, names),
            hint="`troth webhook list` shows them.",
        )
        raise BadInput([problem])
    return found


def _faults(name: str, events: Sequence[str]) -> list[Problem]:
    found = [
        Problem(
            code="unknown-name",
            message="Nobody is told of such an event.",
            found=one,
            valid=tuple(EVENTS),
            nearest=nearest(one, EVENTS),
            hint="Take one of the names, or none for all of them.",
        )
        for one in events
        if one not in EVENTS
    ]
    if not (name.strip() and name.isprintable() and len(name) <= LONGEST_NAME):
        hint = f"At most {LONGEST_NAME} characters; name the system, not a person."
        found.append(Problem(code="bad-value", message="A webhook needs a name.", hint=hint))
    return found

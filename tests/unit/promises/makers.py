"""A small policy with one promise of every kind, and reports made by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime

from troth.promises.listing import Promise, promises
from troth.promises.report import Report, StoreSeen
from troth.promises.results import Attested, Ground, Offence, Reason, Result, Status
from troth.reading import Reading, read_project
from troth.spans import Span

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)

PROJECT = """troth: 1
organisation: {name: Alma, contacts: {privacy: privacy@alma.example}}
categories:
  contact: {label: Contact data, says: [fp1:7f3a91c2]}
  health: {collected: no}
purposes:
  support: {label: Customer support, uses: [contact]}
retention:
  account: {for: 2 years, after: account.closed, says: [fp1:0c9e77aa]}
  cap: {at-most: 7 years, after: account.closed}
  story: {for: ever, id: R-7}
rights:
  offer: [access, erase]
  answer-within: {eu-gdpr: 1 month}
  says: [fp1:00000001]
  sentences: {erase: [fp1:00000002]}
erasure: {backups: 30 days, confirm: yes, minimal-record: yes}
breach: {tell-people-within: 72 hours, tell-authority-within: 72 hours, include: [nature, contact]}
transfers: {us: {to: US, safeguard: standard-clauses}}
recipients: {mailer: {role: processor, categories: [contact]}}
statements: {locks: {kind: security, what: Doors are locked}}
"""


def reading(text: str = PROJECT) -> Reading:
    """Read a project of one file without a fault."""
    found = read_project({"troth.yaml": text.encode()})
    assert not found.problems, [p.message for p in found.problems]
    return found


def listed(text: str = PROJECT) -> tuple[Promise, ...]:
    """List the promises of a project with their places."""
    found = reading(text)
    assert found.policy is not None
    return promises(found.policy, found.spans)


def promise(ident: str = "retention.account", **more: object) -> Promise:
    """Make one promise."""
    block, _, key = ident.partition(".")
    fields: dict[str, object] = {
        "id": ident,
        "kind": block,
        "key": key,
        "title": f"The title of {ident}",
        "says": ("fp1:0c9e77aa@7f3a91c2",),
        "span": Span("policy.yaml", 12),
        **more,
    }
    return Promise(**fields)  # type: ignore[arg-type]


BROKEN = Result(
    promise=promise(),
    status=Status.BROKEN,
    offences=(
        Offence(dataset="app.customers", rows=1200, oldest=date(2016, 3, 2)),
        Offence(dataset="app.x<y", rows=34),
    ),
    reasons=(Reason(code="not-started", message="7 rows in app.customers without a date", rows=7),),
    grounds=(Ground(reason="hold", detail="hold:7", dataset="app.customers", rows=3, review="2026-09-01"),),
    looked_at=("app.customers", "app.x<y"),
)
UNPROVEN = Result(
    promise=promise("statements.locks", says=(), span=None),
    status=Status.UNPROVEN,
    reasons=(Reason(code="not-built", message="Not built yet: safeguards"),),
    attested=Attested(by="Head of <IT>", until=date(2027, 1, 1)),
)
IDLE = Result(promise=promise("retention.ads"), status=Status.NOT_TRIGGERED, note="No row is held")
KEPT = Result(promise=promise("retention.logs"), status=Status.KEPT, note="5 rows looked at")


def report(*results: Result, simulation: bool = False, trouble: str = "") -> Report:
    """Make a report of some results; of one of each status when none is given."""
    return Report(
        organisation="Alma & Sons",
        at=AT,
        simulation=simulation,
        results=results or (BROKEN, UNPROVEN, IDLE, KEPT),
        stores=(StoreSeen(name="app", at=None if trouble else AT, trouble=trouble),),
        rules="a" * 64,
        structure={"app": "b" * 64},
    )

"""Ten thousand open requests: listed with their deadlines, every clock anew, summed up for a check; peak memory."""

from __future__ import annotations

import argparse
import resource
import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from types import SimpleNamespace

from troth import ledger as ledgers
from troth.app.requests import sums as request_sums
from troth.cases import clocks, kinds, left, register
from troth.cases.case import Contents
from troth.cases.register import Happened, Opening
from troth.catalog.datamap import DataMap
from troth.policy.model import Policy

NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
PLACES = (
    ("EU-IE", ("eu-gdpr",)),
    ("GB-EAW", ("uk-gdpr",)),
    ("US-CA", ("us-ca-ccpa",)),
    ("unknown", ("eu-gdpr", "us-ca-ccpa")),
    ("SG", ("sg-pdpa",)),
)
KINDS = ("access", "erase", "rectify", "opt-out-sale", "object-marketing")


def fill(ledger: ledgers.Ledger, count: int) -> None:
    """Open requests of every kind and place, each with an identity question and an answer where that is usual."""
    for start in range(0, count, 500):
        with ledger.writing():
            staff = ledger.staff.identify("bench", at=NOW)
            for number in range(start, min(start + 500, count)):
                one(ledger, number, staff)


def one(ledger: ledgers.Ledger, number: int, staff: int) -> None:
    """Open one request."""
    residence, laws = PLACES[number % len(PLACES)]
    name = KINDS[number // len(PLACES) % len(KINDS)]
    received = (NOW - timedelta(days=20, minutes=number)).astimezone(timezone(timedelta(hours=number % 5)))
    opening = Opening(kind=name, channel="mail", received=received, residence=residence, laws=laws)
    contents = Contents(identities=(f"email:p{number}@example.org",))
    case = register.open_case(
        ledger, opening, contents, identities=[f"email\0p{number}@example.org"], by=staff, now=NOW
    )
    if kinds.kind(name).discloses:
        asked = Happened(
            kind="identity.asked",
            at=received + timedelta(days=1),
            body={"means": "code", "reason": "doubt", "justified": True},
        )
        case = register.add(ledger, case, asked, by=staff, now=NOW)
        came = Happened(kind="identity.received", at=received + timedelta(days=3), body={"means": "code"})
        register.add(ledger, case, came, by=staff, now=NOW)


def listing(ledger: ledgers.Ledger) -> int:
    """Do what the list does."""
    rows = [
        left.left(
            left.Standing(
                state=record.state,
                received_at=record.received_at,
                legal_due=record.legal_due,
                safe_due=record.safe_due,
                own_target=record.own_target,
            ),
            NOW,
        )
        for record in ledger.cases.listed()
    ]
    return len(rows)


def computing(ledger: ledgers.Ledger) -> int:
    """Compute every clock from the events, and write down what moved: nothing, since no pack changed."""
    return register.recompute(ledger, NOW)


def moving(ledger: ledgers.Ledger) -> int:
    """Compute every clock and write every row, as when a change of packs moves all days."""
    records = ledger.cases.listed()
    standings = {case.id: register.stands(case, NOW) for case in register.every(ledger, records)}
    ledger.cases.restand(standings)
    return len(standings)


def pure(ledger: ledgers.Ledger) -> int:
    """Compute every clock and nothing else."""
    cases = list(register.every(ledger, ledger.cases.listed()))
    began = time.process_time()
    for case in cases:
        clocks.dates(case, NOW)
    print(f"  clocks alone: {time.process_time() - began:.2f} CPU s")
    return len(cases)


def checking(ledger: ledgers.Ledger) -> int:
    """Sum up every request for the promises about them, as a check does."""
    policy = Policy.model_validate(
        {
            "organisation": {"name": "Bench", "laws": ["eu-gdpr", "us-ca-ccpa"]},
            "rights": {"offer": ["access"], "answer-within": {"eu-gdpr": "1 month"}},
        }
    )
    project = SimpleNamespace(policy=policy, datamap=DataMap.model_validate({"stores": {}}))
    return request_sums.requests(ledger, project, NOW, NOW).of().opened


def timed(job, ledger: ledgers.Ledger, rounds: int) -> None:
    """Print the median time of a job."""
    walls, cpus = [], []
    for _ in range(rounds):
        wall, cpu = time.perf_counter(), time.process_time()
        count = job(ledger)
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    wall, cpu = statistics.median(walls), statistics.median(cpus)
    print(f"{job.__name__}: {count} in {wall:.2f} s ({cpu:.2f} CPU s), peak {peak:.0f} MB so far", flush=True)


def main() -> None:
    """Fill a ledger and time the jobs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        ledger = ledgers.open(f"sqlite:///{folder}/ledger.sqlite", keys_dir=Path(folder) / "keys")
        began = time.perf_counter()
        fill(ledger, given.cases)
        print(f"filled in {time.perf_counter() - began:.0f} s", flush=True)
        for job in (listing, computing, moving, pure, checking):
            timed(job, ledger, given.rounds)
        ledger.close()


if __name__ == "__main__":
    main()

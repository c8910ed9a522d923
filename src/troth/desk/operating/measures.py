"""What is counted of requests while the process runs, and what the ledger counts when somebody asks.

Numbers alone, with labels from closed lists: nothing here can hold what is of a person. All processes of a server
count together, in files of a folder of their own (prometheus-client's multiprocess mode).
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from datetime import datetime

from troth.ledger.ledger import Ledger

MANY = "PROMETHEUS_MULTIPROC_DIR"


def _together() -> None:
    """Give the processes that come of this one a folder where they count together; it goes with this process."""
    if os.environ.get(MANY):
        return
    folder, owner = tempfile.mkdtemp(prefix="troth-counts-"), os.getpid()
    os.environ[MANY] = folder
    atexit.register(lambda: shutil.rmtree(folder, ignore_errors=True) if os.getpid() == owner else None)


_together()  # prometheus-client looks for the folder while it is imported, and never again

from prometheus_client import (  # noqa: E402
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Histogram,
    generate_latest,
    multiprocess,
)
from prometheus_client.core import GaugeMetricFamily, Metric  # noqa: E402
from prometheus_client.registry import Collector  # noqa: E402

CONTENT_TYPE = CONTENT_TYPE_LATEST
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
STATES = {
    "cases": "Requests of people by state.",
    "letters": "Letters of the outbox by state.",
    "plans": "Kept plans by state.",
    "in_mails": "Messages that came in by state.",
    "deliveries": "Events for webhooks by state.",
}
"""What is counted by state, and what it is called."""

REGISTRY = CollectorRegistry()
SECONDS = Histogram(
    "troth_request_seconds",
    "Length of time of requests, by name of route.",
    ("method", "route", "status"),
    buckets=BUCKETS,
    registry=REGISTRY,
)


def request(method: str, route: str, status: int, seconds: float) -> None:
    """Count one request."""
    SECONDS.labels(method if method in METHODS else "OTHER", route, str(status)).observe(seconds)


def requests_text() -> bytes:
    """Write what was counted of requests, as Prometheus reads it."""
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return bytes(generate_latest(registry))


def ledger_text(ledger: Ledger, at: datetime, jobs: Mapping[str, int]) -> bytes:
    """Write what the ledger counts, as Prometheus reads it.

    Raises:
        StoreError: when the ledger cannot be reached.
    """
    counts = ledger.counts
    found = [_gauge(f"troth_{name}", says, "state", counts.by_state(name)) for name, says in STATES.items()]
    found.append(_gauge("troth_jobs", "Jobs by state; counted up to 1000.", "state", jobs))
    found.append(
        _gauge("troth_promises", "Promises by status of the newest check.", "status", counts.promises())
    )
    late = "Requests that wait past their last day."
    found.append(GaugeMetricFamily("troth_requests_overdue", late, value=counts.overdue(at)))
    registry = CollectorRegistry()
    registry.register(_Counted(found))
    return bytes(generate_latest(registry))


class _Counted(Collector):
    """Hand out what was counted already."""

    def __init__(self, found: Sequence[Metric]) -> None:
        self.found = found

    def collect(self) -> Sequence[Metric]:
        return self.found


def _gauge(name: str, says: str, label: str, found: Mapping[str, int]) -> Metric:
    gauge = GaugeMetricFamily(name, says, labels=(label,))
    for one, count in found.items():
        gauge.add_metric([one], count)
    return gauge

"""What is counted of requests while the process runs, and what the ledger counts when somebody asks.

Numbers alone, with labels from closed lists: nothing here can hold what is of a person. Where several processes
serve, `PROMETHEUS_MULTIPROC_DIR` adds theirs together (prometheus-client's own way).
"""

from __future__ import annotations

import os

from prometheus_client import CollectorRegistry, Histogram, generate_latest, multiprocess

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
MANY = "PROMETHEUS_MULTIPROC_DIR"

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
    registry = REGISTRY
    if os.environ.get(MANY):
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return bytes(generate_latest(registry))

"""The desk, as far as the environment says how it is served: who gets its numbers."""

from __future__ import annotations

from collections.abc import Iterator

from troth.app.doctor.finding import Finding, Patient, good, note, wrong

TOKEN = "TROTH_METRICS_TOKEN"  # noqa: S105 the name of a variable
SHORTEST = 16
"""Characters below which a token can be guessed."""


def numbers(patient: Patient) -> Iterator[Finding]:
    """Say who gets `/metrics`."""
    token = patient.environment.get(TOKEN, "")
    if not token:
        yield note(
            "numbers",
            "/metrics answers what comes straight from this machine; nobody behind a proxy, nobody from elsewhere.",
            f"Where Prometheus runs elsewhere, set {TOKEN}.",
        )
    elif len(token) < SHORTEST:
        yield wrong(
            "numbers",
            f"{TOKEN} has {len(token)} characters; everybody who guesses them gets /metrics.",
            "Take a longer one: openssl rand -hex 24",
            2,
        )
    else:
        yield good("numbers", f"/metrics answers who has {TOKEN}, and what comes straight from this machine.")

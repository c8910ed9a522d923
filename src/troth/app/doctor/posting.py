"""Mail: does the server that sends answer, is what it sends signed and the key published, does the mailbox open."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import re
from collections.abc import Iterator
from dataclasses import replace

from troth.app import ledgers, post, signatures
from troth.app import project as projects
from troth.app.doctor.finding import Finding, Patient, good, note, wrong
from troth.app.mailbox import boxes
from troth.errors import StoreError
from troth.ledger import peek
from troth.letters import message, signing, smtp
from troth.letters.signing import Signer
from troth.problems import BadInput

PATIENCE = 10.0
"""Seconds a server has to answer."""
ADVISED_BITS = 2048


def going_out(patient: Patient) -> Iterator[Finding]:
    """Log in to the mail server, and send nothing."""
    waiting = _waiting(patient)
    if not patient.environment.get(smtp.VARIABLE):
        said = (
            f"{smtp.VARIABLE} is not set; {waiting} letters wait."
            if waiting
            else f"{smtp.VARIABLE} is not set."
        )
        to_do = f"Set it, as {smtp.EXAMPLE}."
        yield wrong("mail out", said, to_do, 2) if waiting else note("mail out", said, to_do)
        return
    post.origin(projects.load(patient.folder, patient.clock.now().date()))
    server = smtp.server(patient.environment[smtp.VARIABLE])
    with smtp.connected(replace(server, timeout=min(server.timeout, PATIENCE))):
        yield good("mail out", "The mail server answers and knows us.")
    if server.security == "none" and server.host not in ("localhost", "127.0.0.1", "::1"):
        yield note("mail out", "Letters go to the mail server in clear.", "Use `smtps://`, or STARTTLS.")


def signing_(patient: Patient) -> Iterator[Finding]:
    """Read the key that signs letters, and compare it with the DNS."""
    project = projects.load(patient.folder, patient.clock.now().date())
    with contextlib.suppress(BadInput):  # no sender is set: said by `mail out`
        by = signatures.signer(patient.environment, _sender(patient))
        if by is None:
            if patient.environment.get(smtp.VARIABLE) and project.policy.organisation.contacts:
                to_do = f"Let the mail server sign, or set {signing.KEY}."
                yield note("signing", "Troth does not sign letters (DKIM).", to_do)
            return
        yield from _published(by)
        return
    if patient.environment.get(signing.KEY):
        signatures.signer(patient.environment, _sender(patient))


def coming_in(patient: Patient) -> Iterator[Finding]:
    """Open the mailbox, and take nothing."""
    if not patient.environment.get(boxes.VARIABLE):
        yield note(
            "mail in",
            f"{boxes.VARIABLE} is not set: requests by mail are not taken in.",
            "Set it, or read mail by hand.",
        )
        return
    at = boxes.address(patient.environment)
    with boxes.opened(replace(at, timeout=min(at.timeout, PATIENCE))) as box:
        more = any(True for _ in box.items())
    yield good(
        "mail in", "The mailbox opens; messages wait in it." if more else "The mailbox opens; it is empty."
    )
    if at.security == "none" and at.host not in ("", "localhost", "127.0.0.1", "::1"):
        yield note("mail in", "The password goes to the mailbox in clear.", "Use `imaps://`, or STARTTLS.")


def published(record: str, by: Signer) -> bool:
    """Tell whether a DNS record holds the public half of a key (RFC 6376 §3.6.1)."""
    found = re.search(r"(?:^|;)\s*p\s*=\s*([A-Za-z0-9+/=\s]*)", record)
    return bool(found) and re.sub(r"\s", "", found[1] if found else "") == by.public


def _published(by: Signer) -> Iterator[Finding]:
    if by.algorithm == "rsa-sha256" and by.bits < ADVISED_BITS:
        yield note("signing", f"The key has {by.bits} bits.", f"Make one of {ADVISED_BITS} (RFC 8301).")
    to_do = f"Publish this TXT record: {by.name}  {by.record}"
    try:
        records = _asked(by.name)
    except StoreError as error:
        yield note("signing", f"{error.message} The key itself can be used.", to_do)
        return
    if any(published(record, by) for record in records):
        yield good("signing", "Letters are signed, and the key is published.")
    elif records:
        yield wrong("signing", "The DNS has another key under this name: signatures would fail.", to_do, 3)
    else:
        yield wrong("signing", "The DNS has no record for the key: signatures would fail.", to_do, 3)


def _asked(name: str) -> list[str]:
    """Ask the DNS for the texts of a name; none where there are none.

    Raises:
        StoreError: when it cannot be asked.
    """
    if importlib.util.find_spec("dns") is None:
        raise StoreError("The DNS was not asked: the package dnspython is not installed.")
    resolver, errors = importlib.import_module("dns.resolver"), importlib.import_module("dns.exception")
    try:
        answer = resolver.resolve(name, "TXT", lifetime=PATIENCE / 2)
    except (resolver.NXDOMAIN, resolver.NoAnswer):
        return []
    except (errors.DNSException, OSError, ValueError) as error:
        raise StoreError("The DNS did not answer.") from error
    return [b"".join(one.strings).decode("ascii", "replace") for one in answer]


def _sender(patient: Patient) -> str:
    project = projects.load(patient.folder, patient.clock.now().date())
    return message.address(post.origin(project).address)


def _waiting(patient: Patient) -> int:
    seen = peek.peek(ledgers.address(patient.folder, patient.environment), space=0)
    if not seen.there or seen.missing or seen.newer:
        return 0
    with ledgers.opened(patient.folder, patient.environment, patient.clock) as opened:
        return sum(one.channel == "mail" and one.state == "waiting" for one in opened.outbox.listed())

"""Look at a whole installation at once: everything that is wrong, each with what to do; nothing is changed.

Every part is looked at whatever is wrong with the others. A ledger that is not there is not made, an older one is
not upgraded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from troth.app.doctor import keeping, machine, posting, serving, storing
from troth.app.doctor.finding import Finding, Patient, failed
from troth.app.requests.steps import Place
from troth.errors import TrothError
from troth.problems import BadInput

PARTS: tuple[tuple[str, Callable[[Patient], Iterator[Finding]]], ...] = (
    ("project", storing.project),
    ("clock", machine.clock),
    ("ledger", keeping.ledger),
    ("keys", keeping.keys),
    ("copies", keeping.copies),
    ("worker", keeping.worker),
    ("stores", storing.stores),
    ("rights", storing.rights),
    ("mail out", posting.going_out),
    ("signing", posting.signing_),
    ("mail in", posting.coming_in),
    ("numbers", serving.numbers),
    ("packages", machine.packages),
    ("disk", machine.disk),
)
WORST = (6, 3, 5, 2)
"""Exit codes, the worst first."""


def examine(at: Place) -> tuple[Finding, ...]:
    """Look at every part of an installation."""
    patient = Patient(at=at)
    said: set[str] = set()
    findings = []
    for part, look in PARTS:
        for found in _looked(part, look, patient):
            # A fault of the project's files stops several looks; it is said once.
            if found.state != "wrong" or found.says not in said:
                findings.append(found)
            said.add(found.says)
    return tuple(findings)


def exit_code(findings: tuple[Finding, ...]) -> int:
    """Return the exit code of the worst of them; 0 where nothing is wrong."""
    codes = {one.code for one in findings if one.state == "wrong"}
    return next((code for code in WORST if code in codes), max(codes, default=0))


def _looked(part: str, look: Callable[[Patient], Iterator[Finding]], patient: Patient) -> Iterator[Finding]:
    try:
        yield from look(patient)
    except BadInput as bad:
        for problem in bad.problems:
            yield Finding(
                part=part,
                state="wrong",
                says=problem.message,
                to_do=problem.hint,
                code=bad.exit_code,
            )
    except TrothError as error:
        yield failed(part, error)

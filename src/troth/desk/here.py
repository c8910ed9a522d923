"""Where this process serves: the project's folder, its environment, the clock; and what is read of them often.

Everything else takes these as arguments. The ledger stays open for the life of the process.
"""

from __future__ import annotations

from functools import cache

from django.conf import settings

from troth.app import clock as clocks
from troth.app import ledgers
from troth.app import project as projects
from troth.app.project import Project
from troth.app.requests.steps import Place
from troth.ledger.ledger import Ledger


@cache
def place() -> Place:
    """Return project folder, environment and clock, as every function of `app` takes them."""
    environment = settings.TROTH_ENVIRONMENT
    return Place(folder=settings.TROTH_FOLDER, environment=environment, clock=clocks.of(environment))


def ledger() -> Ledger:
    """Return the ledger, which stays open."""
    at = place()
    return ledgers.keep(at.folder, at.environment, at.clock)


def project() -> Project:
    """Return the project as its files are now.

    Raises:
        BadInput: when they have faults.
    """
    at = place()
    return projects.load(at.folder, at.clock.now().date())

"""One line of JSON for everything a worker has to say: what happened, never about whom.

A job is told by its kind, an error by its type and the place in the code; messages of exceptions are left out, for
they may hold values. Lines go to standard error.
"""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime

FIELDS = ("kind", "error", "where", "slot", "jobs", "queue")
LONGEST = 200


class Lines(logging.Formatter):
    """Write a record as JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one line."""
        told = {name: record.__dict__[name] for name in FIELDS if name in record.__dict__}
        own = record.name.startswith("troth")
        message = str(record.msg) if own else record.getMessage().partition("\n")[0][:LONGEST]
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        return json.dumps({"at": at, "level": record.levelname.lower(), "message": message, **told})


def configure() -> None:
    """Send what this room and DBOS have to say to standard error; called once by a worker's process."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Lines())
    for name in ("troth.jobs", "dbos"):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [handler], False
        logger.setLevel(logging.INFO if name == "troth.jobs" else logging.WARNING)

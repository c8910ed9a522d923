"""Configure Django for the web application of one project, once per process.

The ledger configures Django for itself alone when nobody has done so before; a process that serves the web must
therefore call `configure` before it imports anything of `troth.app` or `troth.ledger.ledger`.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path

import django
from django.conf import settings as django_settings

from troth.desk import settings
from troth.errors import Refused

_once = threading.Lock()


def configure(folder: Path, environment: Mapping[str, str]) -> None:
    """Configure Django with the project's ledger as its database.

    Raises:
        Refused: when this process configured it for the command line before, or for another project.
        StoreError: when the ledger's URL cannot be used.
    """
    made = settings.of(folder, environment)
    with _once:
        if django_settings.configured:
            if getattr(django_settings, "TROTH_FOLDER", None) != folder:
                raise Refused("This process serves another project already.")
            return
        django_settings.configure(**made)
        django.setup()

"""The key that signs letters, read from where the environment names it."""

from __future__ import annotations

import os
from collections.abc import Mapping

from troth.errors import Refused
from troth.letters import signing
from troth.letters.signing import Signer
from troth.problems import BadInput, Problem

LARGEST = 20_000


def signer(environment: Mapping[str, str], sender: str) -> Signer | None:
    """Return what signs letters from an address; nothing where no key is named.

    Raises:
        BadInput: when the key cannot be read, is none, or is for another domain.
        Refused: when others may read it, or what signs is not installed.
    """
    path = environment.get(signing.KEY, "")
    if not path:
        return None
    domain = environment.get(signing.DOMAIN, "") or sender.rpartition("@")[2]
    made = signing.signer(_read(path), selector=environment.get(signing.SELECTOR, ""), domain=domain)
    signing.ready(made, sender)
    return made


def _read(path: str) -> bytes:
    try:
        handle = os.open(path, os.O_RDONLY)
        with os.fdopen(handle, "rb") as file:
            mode = os.fstat(file.fileno()).st_mode & 0o777
            if mode & 0o077:
                raise Refused(
                    f"The key {signing.KEY} names can be read by others (mode {mode:04o}).",
                    hint="Run: chmod 600 on it.",
                )
            return file.read(LARGEST)
    except OSError as wrong:
        problem = Problem(
            code="unreadable-file",
            message=f"The key {signing.KEY} names cannot be read: {wrong.strerror}.",
            hint="Name a private key in PEM form that the user who runs Troth can read, or unset the variable.",
        )
        raise BadInput([problem]) from wrong

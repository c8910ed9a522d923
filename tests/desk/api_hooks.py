"""What schemathesis is told of the interface: fresh idempotency keys, and numbers of what there is to be found.

Loaded by schemathesis itself (SCHEMATHESIS_HOOKS); what it made to be refused stays as it is.
"""

from __future__ import annotations

import json
import os
import re
import uuid
from typing import Any

import schemathesis

KEY = re.compile(r"[A-Za-z0-9._:+/=@-]{1,255}", re.ASCII)
KNOWN: dict[str, str] = json.loads(os.environ.get("TROTH_TEST_KNOWN", "{}"))
"""By the beginning of the address: what a parameter of the path may be."""


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: Any) -> None:
    """Put what there is in the place of what was made up, where it was made up well."""
    del context, kwargs
    key = (case.headers or {}).get("Idempotency-Key")
    if isinstance(key, str) and KEY.fullmatch(key):
        case.headers["Idempotency-Key"] = str(uuid.uuid4())
    for name, value in list((case.path_parameters or {}).items()):
        if isinstance(value, int) and not isinstance(value, bool) and name == "id":
            case.path_parameters[name] = abs(value) % 4
    for start, known in KNOWN.items():
        for name in ("id", "hash"):
            value = (case.path_parameters or {}).get(name)
            if case.path.startswith(start) and isinstance(value, str) and len(value) % 2:
                case.path_parameters[name] = known
    if (
        isinstance(case.body, dict)
        and isinstance(case.body.get("identities"), list)
        and len(str(case.body)) % 3
    ):
        case.body["identities"] = [
            "email:ada@example.org" if isinstance(one, str) else one for one in case.body["identities"]
        ]

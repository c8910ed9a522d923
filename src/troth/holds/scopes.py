"""What a hold covers, as people write it, and as it is sealed.

    customer/123            everything about one person, by the key of their row; `tenant/7/42` for two columns
    email:jane@example.org  whoever has that identity; looked up by the caller, never kept
    app.orders: CONDITION   the rows of a dataset that satisfy a condition (see `conditions`)
    app.orders              every row of a dataset

Pure. A message never repeats a key or an identity.
"""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import unquote

from troth.errors import Damaged
from troth.holds import conditions
from troth.holds.model import ConditionScope, DatasetScope, IdentityScope, Scope, SubjectScope
from troth.problems import BadInput, Problem
from troth.spans import Span

FORMAT = "troth.hold/1"
VALID = ("customer/123", "email:jane@example.org", "app.orders: status = 'disputed'", "app.orders")

_DATASET = r"[A-Za-z_][\w$-]*(?:\.[\w$ -]*[\w$-])+"
_NAME = r"[A-Za-z][A-Za-z0-9_-]*"


def parse(text: str) -> Scope | IdentityScope:
    """Read a scope as people write it. Parts of a key hold `/` as `%2F`.

    Raises:
        BadInput: when it is none of the four forms, or its condition cannot be read.
    """
    text = text.strip()
    if re.match(rf"{_DATASET}\s*:", text):
        condition = conditions.parse(text)
        return ConditionScope(dataset=condition.dataset, condition=condition.text)
    if re.fullmatch(_DATASET, text):
        return DatasetScope(dataset=text)
    if match := re.fullmatch(rf"({_NAME})/(.+)", text, re.DOTALL):
        return SubjectScope(subject=match[1], key=tuple(unquote(part) for part in match[2].split("/")))
    if match := re.fullmatch(rf"({_NAME}):\s*(\S.*)", text, re.DOTALL):
        return IdentityScope(kind=match[1], value=match[2].strip())
    problem = Problem(
        code="bad-scope",
        message="What the hold covers cannot be read: expected a person, a dataset, or rows of a dataset.",
        span=Span("scope"),
        valid=VALID,
    )
    raise BadInput([problem])


def show(scope: Scope) -> str:
    """Write a scope as people do; it may hold personal values, so only a terminal that asked may show it."""
    match scope:
        case SubjectScope():
            return "/".join(
                [scope.subject, *(part.replace("%", "%25").replace("/", "%2F") for part in scope.key)]
            )
        case ConditionScope():
            return f"{scope.dataset}: {scope.condition}"
        case DatasetScope():
            return scope.dataset


def encode(title: str, scope: Scope) -> bytes:
    """Write title and scope as they are sealed."""
    body = {"format": FORMAT, "title": title, **_body(scope)}
    return json.dumps(body, ensure_ascii=False, sort_keys=True).encode()


def decode(data: bytes) -> tuple[str, Scope]:
    """Read what was sealed.

    Raises:
        Damaged: when it is not of this format.
    """
    try:
        body: dict[str, Any] = json.loads(data)
        if body["format"] != FORMAT:
            raise KeyError
        return str(body["title"]), _scope(body)
    except (ValueError, KeyError, TypeError) as error:
        raise Damaged(
            f"A hold in format {FORMAT} was expected in the ledger, something else was found.",
            hint="It may have been written by a newer Troth.",
        ) from error


def _body(scope: Scope) -> dict[str, object]:
    match scope:
        case SubjectScope():
            return {"subject": scope.subject, "key": list(scope.key)}
        case ConditionScope():
            return {"dataset": scope.dataset, "condition": scope.condition}
        case DatasetScope():
            return {"dataset": scope.dataset}


def _scope(body: dict[str, Any]) -> Scope:
    if "subject" in body:
        return SubjectScope(subject=body["subject"], key=tuple(str(part) for part in body["key"]))
    if "condition" in body:
        return ConditionScope(dataset=body["dataset"], condition=body["condition"])
    return DatasetScope(dataset=body["dataset"])

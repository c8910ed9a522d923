"""Calls to the interface of a served desk, by keys that may do different things."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from unittest.mock import patch

from desk.serving import BESIDE_A_BROWSER, Answer, Project, Served
from troth.app import clock
from troth.app.requests.steps import Place
from troth.app.systems import keys as api_keys
from troth.client import Client

KEYS: Mapping[str, tuple[str, ...]] = {
    "all": (
        *("requests:open", "requests:read", "requests:people", "requests:write", "requests:instruct"),
        *("promises:read", "checks:run", "plans:read", "plans:make", "evidence:read"),
    ),
    "reads": ("requests:read", "promises:read", "plans:read", "evidence:read"),
    "opens": ("requests:open",),
    "approves": ("plans:read", "plans:approve"),
    "ended": ("requests:read",),
    "expired": ("requests:read",),
}


def make_keys(project: Project) -> dict[str, str]:
    """Give the project's ledger a key of each sort; return their tokens."""
    real = Place(folder=project.folder, environment=project.environment, clock=clock.of(project.environment))
    past = clock.Clock(now=lambda: real.clock.now() - timedelta(hours=2))
    made = {}
    with patch.dict(os.environ, BESIDE_A_BROWSER):
        for name, scopes in KEYS.items():
            late = name == "expired"
            expires = past.now() + timedelta(hours=1) if late else None
            at = replace(real, clock=past) if late else real
            made[name] = api_keys.add(name, scopes, at, by="Test", expires=expires).token
        api_keys.revoke("ended", real, by="Test")
    return made


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    """The interface of a served desk."""

    served: Served
    keys: Mapping[str, str]

    def client(self, key: str = "all") -> Client:
        """Return our own client, by one of the keys."""
        return Client(base=self.served.address, key=self.keys[key])

    def get(self, path: str, key: str = "all", **headers: str) -> Answer:
        """Read something."""
        return self.ask("GET", path, key, headers=headers)

    def post(
        self, path: str, body: object, key: str = "all", *, idempotency: str = "", **headers: str
    ) -> Answer:
        """Do something, under a fresh idempotency key unless one is given; bytes go as they are."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        given = {"Idempotency-Key": idempotency or str(uuid.uuid4()), "Content-Type": "application/json"}
        return self.ask("POST", path, key, body=data, headers={**given, **headers})

    def ask(
        self,
        method: str,
        path: str,
        key: str = "all",
        *,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send one call; without a key where the key's name is empty."""
        given = {"Authorization": f"Bearer {self.keys.get(key, key)}"} if key else {}
        more = {name.replace("_", "-"): value for name, value in (headers or {}).items()}
        return self.served.visitor().ask(method, f"/api/v1{path}", body=body, headers={**given, **more})


def is_problem(answer: Answer, status: int, type: str) -> bool:
    """Tell whether an answer is a problem of that sort."""
    said = answer.json
    same = (answer.status, said["status"], said["type"]) == (status, status, f"/api/problems#{type}")
    return same and answer.headers["content-type"] == "application/problem+json"

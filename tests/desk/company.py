"""A company's sign-in for tests: a small OpenID provider on this machine that says whatever it is told to say."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(slots=True, kw_only=True)
class Company:
    """Who signs in next, as the company says."""

    address: str = ""
    who: dict[str, Any] = field(default_factory=dict)
    token: dict[str, Any] | None = None
    """What the ID token says; none is given without."""


def _signed(said: dict[str, Any]) -> str:
    """Write an ID token; straight from the company, it is believed whoever signed it (OIDC Core §3.1.3.7)."""
    now = int(time.time())
    parts = {"alg": "HS256", "typ": "JWT"}, {"iat": now, "exp": now + 60, **said}
    written = [base64.urlsafe_b64encode(json.dumps(one).encode()).rstrip(b"=").decode() for one in parts]
    return ".".join([*written, "c2lnbmVk"])


@contextmanager
def running() -> Iterator[Company]:
    """Run a provider until the block ends."""
    company = Company()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            base = company.address
            discovery = {
                "issuer": base,
                "authorization_endpoint": f"{base}/authorize",
                "token_endpoint": f"{base}/token",
                "userinfo_endpoint": f"{base}/userinfo",
                "jwks_uri": f"{base}/keys",
                "token_endpoint_auth_methods_supported": ["client_secret_post"],
            }
            self._say(company.who if self.path.startswith("/userinfo") else discovery)

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            given = {"access_token": "token", "token_type": "Bearer", "expires_in": 60}
            self._say(given if company.token is None else {**given, "id_token": _signed(company.token)})

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

        def _say(self, said: dict[str, Any]) -> None:
            body = json.dumps(said).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    company.address = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield company
    finally:
        server.shutdown()

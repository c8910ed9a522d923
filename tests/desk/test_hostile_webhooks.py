"""Webhooks as a way into our own network: names and addresses that lead there are not called, however written."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator

import pytest

from troth.app.systems import calls

INSIDE = (
    *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.0.1", "100.64.0.1", "169.254.169.254", "0.0.0.0"),
    *(
        "192.0.0.192",
        "192.88.99.1",
        "168.63.129.16",
        "198.18.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "224.0.0.1",
    ),
    *("::1", "::", "fe80::1", "fe80::1%eth0", "fec0::1", "fc00::1", "fd00:ec2::254", "ff02::1", "100::1"),
    *("::ffff:10.0.0.1", "::10.0.0.1", "::ffff:0:127.0.0.1", "2002:a00:1::", "2001:0:7f00:1::"),
    *("64:ff9b::a00:1", "64:ff9b:1::a00:1", "2001:db8::1", "3fff::1", "5f00::1"),
)
CLOUDS = (
    "169.254.169.254",
    "fe80::1",
    "::ffff:169.254.169.254",
    "fd00:ec2::254",
    "168.63.129.16",
    "192.0.0.192",
)
WRITTEN = (
    "https://0x7f.1/",
    "https://127.1/",
    "https://2130706433/",
    "https://0177.0.0.1/",
    "https://localhost/",
)


@pytest.fixture
def reached() -> Iterator[list[str]]:
    """Listen on this machine, and note who comes."""
    came: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            came.append(self.path)
            self.send_response(302 if self.path == "/on" else 200)
            self.send_header("Location", f"http://127.0.0.1:{server.server_port}/inside")
            self.end_headers()

        def do_GET(self) -> None:
            self.do_POST()

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    came.append(str(server.server_port))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield came
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_of_our_own_network_is_refused_at_both_ends(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether it is written so, or a name leads there when it is called, alone or beside a public one."""
    host = f"[{address.replace('%', '%25')}]" if ":" in address else address
    assert calls.unusable(f"https://{host}/", private=False) is not None
    for found in ([address], ["93.184.215.14", address]):
        monkeypatch.setattr(calls, "_resolved", lambda host, port, found=found: found)
        assert not calls.call("https://crm.example.org/", {}, b"{}", private=False).taken


@pytest.mark.parametrize("address", CLOUDS)
def test_no_permission_opens_the_network_itself(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a cloud tells its machines their secrets stands no system of anybody's."""
    host = f"[{address}]" if ":" in address else address
    assert calls.unusable(f"https://{host}/", private=True) is not None
    monkeypatch.setattr(calls, "_resolved", lambda host, port: [address])
    answer = calls.call("https://crm.example.org/", {}, b"{}", private=True)
    assert (answer.taken, "network itself" in answer.says) == (False, True)


@pytest.mark.parametrize("url", WRITTEN)
def test_other_ways_to_write_an_address_lead_nowhere(url: str) -> None:
    """What the system's own reader of addresses makes of it counts."""
    refused = calls.unusable(url, private=False) is not None
    assert refused or not calls.call(url, {}, b"{}", private=False).taken


def test_a_name_is_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that leads elsewhere the second time is called where it led the first time."""
    asked: list[str] = []
    dialled: list[tuple[str, int]] = []

    def resolved(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["93.184.215.14"] if len(asked) == 1 else ["127.0.0.1"]

    def dial(address: tuple[str, int], *_: object) -> None:
        dialled.append(address)
        raise OSError

    monkeypatch.setattr(calls, "_resolved", resolved)
    monkeypatch.setattr(calls.socket, "create_connection", dial)
    calls.call("https://crm.example.org/", {}, b"{}", private=False)
    assert (asked, dialled) == (["crm.example.org"], [("93.184.215.14", 443)])


def test_a_redirection_leads_nobody_inside(reached: list[str]) -> None:
    """It is an answer that is not 2xx, and no more."""
    answer = calls.call(f"http://127.0.0.1:{reached[0]}/on", {}, b"{}", private=True)
    assert (answer.taken, answer.code, reached[1:]) == (False, 302, ["/on"])

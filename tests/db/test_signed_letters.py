"""Letters signed on their way out (DKIM), as a real mail server receives them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import dkim
import pytest

from db.mailing import Handler, Office, mail_server, office
from troth.app import post, signatures
from troth.errors import Refused
from troth.letters import signing
from troth.problems import BadInput
from unit.letters.test_signing import pem


@pytest.fixture
def handler() -> Handler:
    """Return what answers for the mail server."""
    return Handler()


@pytest.fixture
def ours(tmp_path: Path, handler: Handler) -> Iterator[Office]:
    """Return a project whose mail server runs."""
    made = office(tmp_path / "office")
    with mail_server(handler) as made.smtp:
        yield made


def key(folder: Path, kind: str = "rsa", mode: int = 0o600) -> dict[str, str]:
    """Write a key and return the environment that names it."""
    path = folder / "dkim.pem"
    path.write_bytes(pem(kind))
    path.chmod(mode)
    return {signing.KEY: str(path), signing.SELECTOR: "troth2026", signing.DOMAIN: "kraemer.example"}


@pytest.mark.parametrize("kind", ["rsa", "ed25519"])
def test_a_letter_arrives_with_a_signature_that_verifies(ours: Office, handler: Handler, kind: str) -> None:
    """After the way through SMTP, the bytes the server took verify against the record for the DNS."""
    named = key(ours.folder, kind)
    ours.put()
    assert post.send(ours.folder, {**ours.environment, **named}, ours.clock).sent == 1
    by = signatures.signer(named, "datenschutz@kraemer.example")
    assert by is not None
    content = handler.mails[0].original_content
    asked: list[bytes] = []

    def dns(name: bytes, timeout: int = 5) -> bytes:
        asked.append(name)
        return by.record.encode()

    assert dkim.verify(content, dnsfunc=dns)
    assert asked == [b"troth2026._domainkey.kraemer.example."]
    assert not dkim.verify(content.replace(b"482913", b"111111"), dnsfunc=dns)


def test_without_a_key_letters_go_unsigned(ours: Office, handler: Handler) -> None:
    """Signing is asked for by naming a key."""
    ours.put()
    assert ours.send().sent == 1
    assert b"DKIM-Signature" not in handler.mails[0].content


@pytest.mark.parametrize("wrong", ["missing", "open", "domain", "selector", "none"])
def test_a_key_that_cannot_be_used_stops_sending_and_loses_nothing(
    ours: Office, handler: Handler, wrong: str
) -> None:
    """It is said what is wrong with it; the letter waits as before."""
    named = key(ours.folder, mode=0o644 if wrong == "open" else 0o600)
    named |= {"missing": {signing.KEY: str(ours.folder / "gone.pem")}}.get(wrong, {})
    named |= {"domain": {signing.DOMAIN: "else.example"}, "selector": {signing.SELECTOR: ""}}.get(wrong, {})
    if wrong == "none":
        Path(named[signing.KEY]).write_text("hello")
    ours.put()
    with pytest.raises((BadInput, Refused)):
        post.send(ours.folder, {**ours.environment, **named}, ours.clock)
    assert (ours.states(), handler.mails) == (["waiting"], [])


def test_without_the_package_it_is_said_what_to_install(ours: Office) -> None:
    """The extra is named."""
    ours.put()
    with (
        mock.patch.object(signing.importlib.util, "find_spec", return_value=None),
        pytest.raises(Refused) as refused,
    ):
        post.send(ours.folder, {**ours.environment, **key(ours.folder)}, ours.clock)
    assert "troth[mail]" in refused.value.hint
    assert ours.states() == ["waiting"]

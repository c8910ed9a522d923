"""Lines to mail servers: encrypted, logged in, broken off."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from db.mailing import Handler, Office, mail_server, office
from troth.errors import StoreError


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a certificate for this machine that nobody trusts by itself; key and certificate in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.test")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "mail.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return file


@pytest.fixture
def ours(tmp_path: Path) -> Office:
    """Return a project with a letter that waits."""
    made = office(tmp_path)
    made.put()
    return made


def knows_ann(_server: Any, _session: Any, _envelope: Any, _mechanism: str, login: Any) -> AuthResult:
    """Let Ann in with her password."""
    return AuthResult(success=(login.login, login.password) == (b"ann@x", b"s/e:c"))


@pytest.fixture
def starttls(certificate: Path) -> Iterator[tuple[Handler, str]]:
    """Run a server that wants STARTTLS and a login."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    handler = Handler()
    wants = {
        "tls_context": context,
        "require_starttls": True,
        "auth_required": True,
        "authenticator": knows_ann,
    }
    with mail_server(handler, **wants) as url:
        yield handler, url.replace("starttls=no&", "").replace("smtp://", "smtp://ann%40x:s%2Fe%3Ac@")


def test_starttls_and_login(ours: Office, starttls: tuple[Handler, str], certificate: Path) -> None:
    """With the authority named and the right password the letter goes."""
    handler, url = starttls
    ours.smtp = f"{url}&ca={certificate}"
    assert ours.send().sent == 1
    assert len(handler.mails) == 1


def test_a_certificate_nobody_vouches_for_is_refused(ours: Office, starttls: tuple[Handler, str]) -> None:
    """Without its authority nothing goes, the password least of all."""
    _, ours.smtp = starttls
    with pytest.raises(StoreError, match="cannot be trusted"):
        ours.send()
    assert ours.states() == ["waiting"]


def test_a_wrong_password_is_said(ours: Office, starttls: tuple[Handler, str], certificate: Path) -> None:
    """The answer names what to correct and shows no secret."""
    _, url = starttls
    ours.smtp = f"{url.replace('s%2Fe%3Ac', 'secret')}&ca={certificate}"
    with pytest.raises(StoreError, match="login") as wrong:
        ours.send()
    assert "password in TROTH_SMTP" in wrong.value.hint
    assert "secret" not in wrong.value.message + wrong.value.hint


def test_tls_from_the_first_byte(ours: Office, certificate: Path) -> None:
    """`smtps://` needs no STARTTLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    handler = Handler()
    with mail_server(handler, ssl_context=context, server_hostname="x") as url:
        ours.smtp = f"{url.replace('smtp://', 'smtps://').replace('starttls=no&', '')}&ca={certificate}"
        assert ours.send().sent == 1


class Hanging(Handler):
    """Break the line while a mail is handed over, as often as told."""

    times = 1

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Take the mail and hang up before saying so."""
        if self.times:
            self.times -= 1
            server.transport.abort()
            return "250 nobody hears this"
        return await super().handle_DATA(server, session, envelope)


def test_a_line_that_breaks_while_handing_over_leaves_it_open(tmp_path: Path) -> None:
    """The letter is tried again and marked; letters after it go over a new line."""
    handler = Hanging()
    ours = office(tmp_path)
    ours.put("first@example.org")
    ours.put("second@example.org")
    with mail_server(handler) as ours.smtp:
        done = ours.send()
        assert (done.sent, done.later) == (1, 1)
        ours.later(minutes=6)
        done = ours.send()
        assert (done.sent, done.again) == (1, 1)
    assert [one.rcpt_tos for one in handler.mails] == [["second@example.org"], ["first@example.org"]]


def test_a_server_that_closes_is_asked_again(tmp_path: Path) -> None:
    """421 ends the line, not the letter: it is certain that it did not go."""
    handler = Handler(data="421 closing")
    ours = office(tmp_path)
    ours.put()
    with mail_server(handler) as ours.smtp:
        assert ours.send().later == 1
        handler.data = ""
        ours.later(minutes=6)
        done = ours.send()
    assert (done.sent, done.again) == (1, 0)


def test_a_server_that_takes_nothing_from_us_stops_the_round(tmp_path: Path) -> None:
    """A refused sender is no fault of a letter: it waits, and the next are not tried."""

    class Refusing(Handler):
        async def handle_MAIL(
            self, server: Any, session: Any, envelope: Any, address: str, options: Any
        ) -> str:
            """Take no mail from anybody."""
            return "550 not you"

    ours = office(tmp_path)
    ours.put()
    ours.put()
    with mail_server(Refusing()) as ours.smtp, pytest.raises(StoreError, match=r"takes no mail .*\(550\)"):
        ours.send()
    assert ours.states() == ["waiting", "waiting"]

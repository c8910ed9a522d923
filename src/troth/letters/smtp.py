"""Hand mails to a mail server (RFC 5321) and say what it answered, by code and never by text.

Texts of servers hold addresses; they are read by nobody and kept nowhere. Encryption is asked for unless it is
switched off by name. Whether a mail went may stay unknown: when the line breaks after its text was sent.
"""

from __future__ import annotations

import contextlib
import re
import smtplib
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import parse_qsl, unquote, urlsplit

from troth.errors import StoreError
from troth.letters.message import Mail
from troth.problems import BadInput, Problem

VARIABLE = "TROTH_SMTP"
EXAMPLE = "smtp://user:password@mail.example.org:587"
TIMEOUT = 30.0
_TEMPORARY, _PERMANENT = range(400, 500), range(500, 600)


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A mail server and how to talk to it."""

    host: str
    port: int
    security: Literal["tls", "starttls", "none"]
    user: str = ""
    password: str = field(default="", repr=False)
    authority: str = ""
    """File with the certificates to trust, where they are not the machine's."""
    timeout: float = TIMEOUT


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of one mail."""

    is_: Literal["taken", "later", "refused", "lost"]
    """`lost`: the line broke; `unknown` says whether the mail may have gone all the same."""
    code: int | None = None
    reason: str = ""
    unknown: bool = False


class SenderRefused(StoreError):
    """The server takes no mail from us at all: not this letter's fault."""


def server(url: str) -> Server:
    """Read the address of a mail server.

    Raises:
        BadInput: when it is none; the address, which holds a password, is not shown.
    """
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname or ""
    except ValueError:
        parts, port, host = urlsplit(""), None, ""
    options = dict(parse_qsl(parts.query))
    secure = options.pop("starttls", "yes")
    timeout = options.pop("timeout", str(TIMEOUT))
    authority = options.pop("ca", "")
    good = parts.scheme in ("smtp", "smtps") and host and secure in ("yes", "no") and not options
    if not good or not re.fullmatch(r"\d{1,3}(\.\d+)?", timeout) or parts.path not in ("", "/"):
        problem = Problem(
            code="bad-value",
            message=f"{VARIABLE} is no address of a mail server.",
            valid=(EXAMPLE, "smtps://…:465", "smtp://localhost:25?starttls=no"),
            hint="Correct it; options are `starttls=no`, `timeout=SECONDS` and `ca=FILE`.",
        )
        raise BadInput([problem])
    implicit = parts.scheme == "smtps"
    return Server(
        host=host,
        port=port or (465 if implicit else 587),
        security="tls" if implicit else "starttls" if secure == "yes" else "none",
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        authority=authority,
        timeout=float(timeout),
    )


@contextlib.contextmanager
def connected(to: Server) -> Iterator[smtplib.SMTP]:
    """Open a line to the server, encrypted and logged in as it is set.

    Raises:
        StoreError: when it cannot be reached, offers no encryption, or does not know us.
    """
    try:
        line = _line(to)
    except smtplib.SMTPNotSupportedError as wrong:
        raise _trouble(
            "offers no STARTTLS or no login", "Use `smtps://`, or `starttls=no` on a network you trust."
        ) from wrong
    except smtplib.SMTPAuthenticationError as wrong:
        raise _trouble(
            f"does not take this login ({wrong.smtp_code})", f"Correct user or password in {VARIABLE}."
        ) from wrong
    except smtplib.SMTPResponseException as wrong:
        raise _trouble(f"turns us away ({wrong.smtp_code})", "Ask whoever runs it.") from wrong
    except ssl.SSLError as wrong:
        raise _trouble(
            "shows a certificate that cannot be trusted", "Name its authority: `ca=FILE`."
        ) from wrong
    except (smtplib.SMTPException, OSError) as wrong:
        raise _trouble(
            f"cannot be reached ({type(wrong).__name__})", "Run the command again once it is up."
        ) from wrong
    try:
        yield line
    finally:
        with contextlib.suppress(smtplib.SMTPException, OSError):
            line.quit()
        line.close()


def deliver(line: smtplib.SMTP, mail: Mail) -> Answer:
    """Hand over one mail to one address.

    Raises:
        SenderRefused: when the server takes no mail from our address.
    """
    if mail.needs_utf8 and not line.has_extn("smtputf8"):
        return Answer(is_="refused", reason="smtputf8-missing")
    told = False
    try:
        code = _asked(line, mail, len(mail.content))
        if code == 250:
            told = True
            code = line.data(mail.content)[0]
    except smtplib.SMTPDataError as wrong:
        code = wrong.smtp_code
    except (smtplib.SMTPServerDisconnected, OSError):
        return Answer(is_="lost", reason="line-broken", unknown=told)
    if code == 250:
        return Answer(is_="taken", code=code)
    if code == 421:
        return Answer(is_="lost", code=code, reason="server-closes")
    with contextlib.suppress(smtplib.SMTPException, OSError):
        line.rset()
    refused = code in _PERMANENT
    return Answer(is_="refused" if refused else "later", code=code, reason="refused" if refused else "later")


def _asked(line: smtplib.SMTP, mail: Mail, size: int) -> int:
    """Say from whom and to whom; ask for a notice on failure that does not repeat the letter (RFC 3461)."""
    dsn = line.has_extn("dsn")
    options = ["RET=HDRS"] if dsn else []
    options += [f"size={size}"] if line.has_extn("size") else []
    options += ["SMTPUTF8", "BODY=8BITMIME"] if mail.needs_utf8 else []
    line.command_encoding = "utf-8" if mail.needs_utf8 else "ascii"
    code = line.mail(mail.sender, options)[0]
    if code in _PERMANENT and code != 552:
        with contextlib.suppress(smtplib.SMTPException, OSError):
            line.rset()
        problem = f"The mail server takes no mail from the address letters come from ({code})."
        raise SenderRefused(problem, hint="Correct `mail: {from: …}` in troth.yaml, or the login.")
    if code != 250:
        return code
    code = line.rcpt(mail.to, ["NOTIFY=FAILURE"] if dsn else [])[0]
    return 250 if code in (250, 251) else code


def _line(to: Server) -> smtplib.SMTP:
    context = ssl.create_default_context(cafile=to.authority or None)
    name = socket.gethostname()
    line: smtplib.SMTP
    if to.security == "tls":
        line = smtplib.SMTP_SSL(to.host, to.port, name, timeout=to.timeout, context=context)
    else:
        line = smtplib.SMTP(to.host, to.port, name, timeout=to.timeout)
    with contextlib.ExitStack() as undone:
        undone.callback(line.close)
        if to.security == "starttls":
            line.starttls(context=context)
        line.ehlo_or_helo_if_needed()
        if to.user:
            _log_in(line, to)
        undone.pop_all()
    return line


def _log_in(line: smtplib.SMTP, to: Server) -> None:
    try:
        line.login(to.user, to.password)
    except smtplib.SMTPServerDisconnected as wrong:  # smtplib tries every way to log in; some servers hang up
        what = "hangs up on this login"
        raise _trouble(what, f"Correct user or password in {VARIABLE}.") from wrong


def _trouble(what: str, hint: str) -> StoreError:
    return StoreError(f"The mail server {what}.", hint=hint)

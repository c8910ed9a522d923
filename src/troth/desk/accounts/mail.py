"""Mails about accounts, such as a link to a new password: sent through the mail server of the letters, at once.

They are not letters of a case, and are kept nowhere. Where no server is set, none is sent; whoever manages accounts
then hands a fresh link over (`troth staff invite`).
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from email import policy
from email.generator import BytesGenerator
from io import BytesIO

import structlog
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from troth.desk import here
from troth.errors import TrothError
from troth.letters import smtp
from troth.letters.message import Mail

log = structlog.get_logger("troth.desk")


class Backend(BaseEmailBackend):
    """Hand mails to the server that `TROTH_SMTP` names."""

    def send_messages(self, messages: Sequence[EmailMessage]) -> int:
        """Send mails in the background, and return how many there are.

        Whether an address has an account must be told neither by an error nor by the time a server takes.
        """
        url = here.place().environment.get(smtp.VARIABLE, "")
        sender = _sender()
        mails = [Mail(content=_bytes(one, sender), sender=sender, to=one.to[0]) for one in messages if one.to]
        if url and sender and mails:
            threading.Thread(target=_send, args=(url, mails), daemon=True).start()
        elif mails:
            log.warning("account mail not sent", reason="no mail server or no sender is set")
        return len(mails)


def _sender() -> str:
    try:
        found = here.project().policy
    except TrothError:
        return ""
    return found.mail.from_ or found.organisation.contacts.get("privacy", "")


def _bytes(mail: EmailMessage, sender: str) -> bytes:
    mail.from_email = sender
    written = BytesIO()
    BytesGenerator(written, policy=policy.SMTP).flatten(mail.message())
    return written.getvalue()


def _send(url: str, mails: Sequence[Mail]) -> None:
    try:
        with smtp.connected(smtp.server(url)) as line:
            said = [smtp.deliver(line, mail).is_ for mail in mails]
        log.info("account mail", sent=said.count("taken"), refused=len(said) - said.count("taken"))
    except (TrothError, OSError) as error:
        log.warning("account mail not sent", reason=type(error).__name__)

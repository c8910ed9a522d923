"""Mailboxes: maildirs, mbox files and single messages; people are found by the addresses in the headers."""

from troth.stores.mail.adapter import opened

__all__ = ["opened"]

"""Log files: lines of text by a path pattern, compressed ones included; identities are redacted within the line."""

from troth.stores.logs.adapter import opened

__all__ = ["opened"]

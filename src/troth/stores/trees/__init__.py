"""File trees: files found by a path pattern with placeholders for keys or identities; whole files go."""

from troth.stores.trees.adapter import opened

__all__ = ["opened"]

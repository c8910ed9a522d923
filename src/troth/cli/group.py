"""A group of commands whose help is quick.

Typer reads a missing `--help` of a group through pydantic, whose import takes as long as everything else; with a
default there is nothing to read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperGroup

if TYPE_CHECKING:
    from typer.core import TyperOption


class Group(TyperGroup):
    """A group whose `--help` is off unless given."""

    def get_help_option(self, ctx: Any) -> TyperOption | None:
        """Return the option, with a default that needs no reading."""
        option = super().get_help_option(ctx)
        if option is not None:
            option.default = False
        return option


def make(text: str) -> typer.Typer:
    """Return an empty group."""
    return typer.Typer(
        cls=Group, help=text, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False
    )

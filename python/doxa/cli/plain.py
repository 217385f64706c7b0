"""Command groups, and data on stdout: what `doxa --help` needs, which is no console."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import typer

from doxa.outside.quoting import shown

if TYPE_CHECKING:
    from typer.core import TyperGroup

__all__ = ["plain_app", "put"]


def put(text: str) -> None:
    """Write data to stdout; controls in it are written as escapes, as JSON has them."""
    sys.stdout.write(shown(text))


def plain_app(description: str, group: type[TyperGroup] | None = None) -> typer.Typer:
    """Make a command group that shows its help when called alone."""
    return typer.Typer(
        cls=group,
        add_completion=False,
        context_settings={"help_option_names": ["-h", "--help"]},
        help=description,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )

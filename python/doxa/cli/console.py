"""Where the commands print: consoles and command groups."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console
from rich.segment import Segment

from doxa.outside.quoting import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import ConsoleOptions, RenderableType
    from rich.text import Text
    from typer.core import TyperGroup

__all__ = ["plain_app", "put", "stderr", "stdout"]


class _PlainConsole(Console):
    """A console that takes text for text: no markup, no emoji, no controls but its own."""

    def __init__(self, *, stderr: bool = False, highlight: bool = True) -> None:
        super().__init__(
            stderr=stderr, soft_wrap=True, highlight=highlight, markup=False, emoji=False
        )

    def render_str(self, text: str, **options: Any) -> Text:
        # before a table measures it
        return super().render_str(shown(text), **options)

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterator[Segment]:
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(shown(segment.text), segment.style)


stdout = _PlainConsole()
stderr = _PlainConsole(stderr=True, highlight=False)


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

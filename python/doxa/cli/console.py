"""Where the commands print: the consoles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.segment import Segment

from doxa.outside.quoting import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import ConsoleOptions, RenderableType
    from rich.text import Text

__all__ = ["stderr", "stdout"]


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

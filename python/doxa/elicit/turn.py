"""From a rendered prompt to the turn that a backend gets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doxa.backend.request import Turn

if TYPE_CHECKING:
    from doxa.prompt import Prompt

__all__ = ["turn_of"]


def turn_of(prompt: Prompt, elicitation: str) -> Turn:
    """Return the turn of a rendered prompt for one elicitation.

    Parameters
    ----------
    prompt : Prompt
        The rendered prompt.
    elicitation : str
        A key of `Prompt.asks`.
    """
    start = prompt.reply_starts.get(elicitation, "")
    return Turn(prompt.opening(elicitation), prompt.user, prompt.asks[elicitation], start)

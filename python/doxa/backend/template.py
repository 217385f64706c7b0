"""Chat templates: they turn a turn into the exact text that a model reads."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from doxa.backend.child import Child, CrashError
from doxa.backend.rendering import SECONDS, Frame, Frames
from doxa.backend.thinking import Thinking
from doxa.errors import ModelError

__all__ = ["ChatTemplate"]

_SECONDS: Final = 60
"""How long to wait for a rendering, which has its own limits where the system knows any."""


@dataclass(frozen=True, slots=True)
class ChatTemplate:
    r"""The chat template of a model; plain text for a base model.

    The template gets a system turn and a user turn. If it has no place for a system turn, that text
    goes to the head of the user turn. The template is filled with markers and cut at them, once and
    in a process of its own with limits of time and memory. So the text before the item is the same
    for all items of a condition, and a template cannot alter the item's text. The template has no
    access to the date, so a prompt does not depend on the day.

    Parameters
    ----------
    source : str
        The Jinja source, which a GGUF file has as ``tokenizer.chat_template``; ``""`` for a
        base model.
    bos, eos : str
        The texts of the special tokens that begin and end a text, for templates that write
        them.

    Examples
    --------
    >>> ChatTemplate().render("Be brief.", "Do you agree?", "Answer with a number.", "Answer: ")
    ('Be brief.\n\n', 'Do you agree?', '\n\nAnswer with a number.\nAnswer: ')
    """

    source: str = ""
    bos: str = ""
    eos: str = ""

    def render(
        self, system: str, user: str, ask: str, reply_start: str = "", *, thinks: bool = False
    ) -> tuple[str, ...]:
        """Return the text before the item, the item, and the text after it.

        The model reads the three texts joined. For a chat model they are its template, filled with
        the system turn and the user turn (`user`, an empty line, `ask`), followed by `reply_start`.
        For a base model they are `system`, `user`, `ask` and `reply_start`, one below the other.

        A model that can think is told not to, and whatever thought its template opens is closed.
        With `thinks`, and if the template has a form of thought, the third text ends in a thought
        that has just been opened, and there is a fourth: what closes the thought, and
        `reply_start`.

        Raises
        ------
        ModelError
            The template cannot be rendered, not within its limits, does not write the user turn
            exactly once, or opens a thought that cannot be closed.
        """
        if not self.source:
            shared = f"{system}\n\n" if system else ""
            return shared, user, f"\n\n{ask}\n{reply_start}"
        off, on, thinking = self._frames()
        frame = on if thinks and on is not None else off
        if frame.between is None:
            shared = f"{frame.before}{system}\n\n" if system else frame.before
        else:
            shared = f"{frame.before}{system}{frame.between}"
        asked = f"\n\n{ask}{frame.after}"
        if frame is on and thinking is not None:
            return shared, user, asked, thinking.closing + reply_start
        return shared, user, asked + reply_start

    @property
    def thinking(self) -> Thinking | None:
        """How the model marks a thought; None if it can't be asked for one.

        Raises
        ------
        ModelError
            As for `render`.
        """
        if not self.source:
            return None
        _, on, thinking = self._frames()
        return thinking if on is not None else None

    def _frames(self) -> Frames:
        found = _frames(self.source, self.bos, self.eos)
        if isinstance(found, str):
            raise ModelError(found)
        return found


@lru_cache(maxsize=64)
def _frames(source: str, bos: str, eos: str) -> Frames | str:
    """Return the template's frames, or why it has none; each template is rendered once."""
    child = Child("doxa.backend.rendering", seconds=_SECONDS)
    try:
        [(off, on, thinking)] = child.ask((source, bos, eos))
    except ModelError as error:
        return str(error)
    except CrashError as crash:
        return (
            f"the model's chat template cannot be rendered within {SECONDS} s and 1 GiB of memory "
            f"({crash}): take a model with another template"
        )
    finally:
        child.close()
    return Frames(Frame(*off), on and Frame(*on), thinking and Thinking(*thinking))

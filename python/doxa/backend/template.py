"""Chat templates: they turn a turn into the exact text that a model reads."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from doxa.backend.child import Child, CrashError
from doxa.backend.rendering import SECONDS
from doxa.errors import MissingExtraError, ModelError

if TYPE_CHECKING:
    from doxa.backend.rendering import Frame

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
    access to the date, so a prompt does not depend on the day. It is told that the model should not
    think aloud first.

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
        self, system: str, user: str, ask: str, reply_start: str = ""
    ) -> tuple[str, str, str]:
        """Return the text before the item, the item, and the text after it.

        The model reads the three texts joined. For a chat model they are its template, filled with
        the system turn and the user turn (`user`, an empty line, `ask`), followed by `reply_start`.
        For a base model they are `system`, `user`, `ask` and `reply_start`, one below the other.

        Raises
        ------
        ModelError
            The template cannot be rendered, not within its limits, or does not write the user turn
            exactly once.
        MissingExtraError
            jinja2 is not installed.
        """
        if not self.source:
            shared = f"{system}\n\n" if system else ""
            return shared, user, f"\n\n{ask}\n{reply_start}"
        frame = _frame(self.source, self.bos, self.eos)
        if isinstance(frame, str):
            raise ModelError(frame)
        before, between, after = frame
        if between is None:
            shared = f"{before}{system}\n\n" if system else before
        else:
            shared = f"{before}{system}{between}"
        return shared, user, f"\n\n{ask}{after}{reply_start}"


@lru_cache(maxsize=64)
def _frame(source: str, bos: str, eos: str) -> Frame | str:
    """Return the template's frame, or why it has none; each template is rendered once."""
    if find_spec("jinja2") is None:
        raise MissingExtraError("jinja2", "llama")
    child = Child("doxa.backend.rendering", seconds=_SECONDS)
    try:
        [(before, between, after)] = child.ask((source, bos, eos))
    except ModelError as error:
        return str(error)
    except CrashError as crash:
        return (
            f"the model's chat template cannot be rendered within {SECONDS} s and 1 GiB of memory "
            f"({crash}): take a model with another template"
        )
    finally:
        child.close()
    return before, between, after

"""Chat templates: they turn a turn into the exact text that a model reads."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from doxa.errors import MissingExtraError, ModelError

__all__ = ["ChatTemplate"]

_SYSTEM = "doxa-system-marker"
_USER = "doxa-user-marker"


@dataclass(frozen=True, slots=True)
class ChatTemplate:
    r"""The chat template of a model; plain text for a base model.

    The template gets a system turn and a user turn. If it has no place for a system turn, that text
    goes to the head of the user turn. The template is filled with markers and cut at them. So the
    text before the item is the same for all items of a condition, and a template cannot alter the
    item's text. The template has no access to the date, so a prompt does not depend on the day. It
    is told that the model should not think aloud first.

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
            The template cannot be rendered, or does not write the user turn exactly once.
        MissingExtraError
            jinja2 is not installed.
        """
        if not self.source:
            shared = f"{system}\n\n" if system else ""
            return shared, user, f"\n\n{ask}\n{reply_start}"
        before, between, after = _frame(self.source, self.bos, self.eos)
        if between is None:
            shared = f"{before}{system}\n\n" if system else before
        else:
            shared = f"{before}{system}{between}"
        return shared, user, f"\n\n{ask}{after}{reply_start}"


@lru_cache(maxsize=64)
def _frame(source: str, bos: str, eos: str) -> tuple[str, str | None, str]:
    """Return the template's text before the system turn, between the turns, and after them.

    The second text is None if the template has no place for a system turn.
    """
    text = _fill(source, bos, eos, with_system=True)
    if text is None or _SYSTEM not in text:
        text = _fill(source, bos, eos, with_system=False)
        if text is None or text.count(_USER) != 1:
            raise ModelError("the model's chat template does not render a user turn")
        before, after = text.split(_USER)
        return before, None, after
    before, rest = text.split(_SYSTEM, 1)
    if rest.count(_USER) != 1:
        raise ModelError("the model's chat template does not render a user turn")
    between, after = rest.split(_USER)
    return before, between, after


def _fill(source: str, bos: str, eos: str, *, with_system: bool) -> str | None:
    """Fill the template with markers; return None if it refuses a system turn."""
    try:
        from jinja2 import TemplateError
        from jinja2.sandbox import ImmutableSandboxedEnvironment
    except ImportError:
        raise MissingExtraError("jinja2", "llama") from None

    def refuse(message: str) -> None:
        raise TemplateError(message)

    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"]
    )
    environment.globals["raise_exception"] = refuse
    messages: list[dict[str, Any]] = [{"role": "user", "content": _USER}]
    if with_system:
        messages.insert(0, {"role": "system", "content": _SYSTEM})
    try:
        return environment.from_string(source).render(
            messages=messages,
            bos_token=bos,
            eos_token=eos,
            add_generation_prompt=True,
            enable_thinking=False,
        )
    except TemplateError as error:
        if with_system:
            return None
        raise ModelError(f"the model's chat template cannot be rendered: {error}") from None

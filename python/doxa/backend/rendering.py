"""Rendering of chat templates, in a process of its own: a template is a program of a stranger.

A model file or a run that somebody sent may hold a template that never ends or that writes without
end. So the process has limits, and `doxa.backend.template` asks it for the frame of a template.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from doxa.backend.child import limit, serve
from doxa.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["SECONDS", "Frame", "frame", "main"]

SECONDS: Final = 2
"""How long a template may be rendered, in seconds of the processor."""

_MEMORY: Final = 2**30
"""The most memory of the process, in bytes."""

_LONGEST: Final = 1_000_000
"""The most characters of a template, and of what it writes around the turns."""

_SYSTEM: Final = "doxa-system-marker"
_USER: Final = "doxa-user-marker"

Frame = tuple[str, str | None, str]
"""A template's text before the system turn, between the turns and after them. The second is None
if the template has no place for a system turn."""


def frame(source: str, bos: str, eos: str) -> Frame:
    """Fill a template with markers and cut it at them.

    Parameters
    ----------
    source, bos, eos : str
        As for `doxa.backend.template.ChatTemplate`.

    Raises
    ------
    ModelError
        The template fails, is too long, writes too much, or does not write the user turn exactly
        once.

    Examples
    --------
    >>> frame("{% for m in messages %}<{{ m.role }}>{{ m.content }}{% endfor %}", "", "")
    ('<system>', '<user>', '')
    """
    if len(source) > _LONGEST:
        raise ModelError(f"the model's chat template has more than {_LONGEST:,} characters")
    text: str | None
    try:
        text = _fill(source, bos, eos, with_system=True)
    except Exception:
        text = None  # it refuses a system turn, or fails on one
    if text is None or _SYSTEM not in text:
        try:
            text = _fill(source, bos, eos, with_system=False)
        except Exception as error:
            said = " ".join(str(error).split()) or type(error).__name__
            raise ModelError(f"the model's chat template cannot be rendered: {said}") from None
        before, user, after = text.partition(_USER)
        found: Frame = (before, None, after)
    else:
        before, _, rest = text.partition(_SYSTEM)
        between, user, after = rest.partition(_USER)
        found = (before, between, after)
    if not user or _USER in after:
        raise ModelError("the model's chat template does not render a user turn")
    return found


def _fill(source: str, bos: str, eos: str, *, with_system: bool) -> str:
    """Fill the template with markers."""
    from jinja2 import TemplateError
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    def refuse(message: str) -> None:
        raise TemplateError(message)

    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"]
    )
    environment.globals["raise_exception"] = refuse
    messages: list[dict[str, Any]] = [{"role": "user", "content": _USER}]
    if with_system:
        messages.insert(0, {"role": "system", "content": _SYSTEM})
    pieces, length = [], 0
    for piece in environment.from_string(source).generate(
        messages=messages,
        bos_token=bos,
        eos_token=eos,
        add_generation_prompt=True,
        enable_thinking=False,
    ):
        length += len(piece)
        if length > _LONGEST:
            raise TemplateError(f"it writes more than {_LONGEST:,} characters")
        pieces.append(piece)
    text = "".join(pieces)
    text.encode()  # half of a pair of surrogates is no text
    return text


def _answer(question: tuple[str, str, str]) -> Iterator[Frame]:
    yield frame(*question)


def main() -> None:
    """Render what the process that started this one asks for, within limits."""
    limit("RLIMIT_CPU", SECONDS)
    limit("RLIMIT_AS", _MEMORY)
    serve(_answer)

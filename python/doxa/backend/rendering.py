"""Rendering of chat templates, in a process of its own: a template is a program of a stranger.

A model file or a run that somebody sent may hold a template that never ends or that writes without
end. So the process has limits, and `doxa.backend.template` asks it for the frames of a template.
"""

from __future__ import annotations

from dataclasses import astuple, replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from doxa.backend.child import limit, serve
from doxa.backend.thinking import Thinking, Way, recognise, unknown_opening, ways
from doxa.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["SECONDS", "Frame", "Frames", "frames", "main"]

SECONDS: Final = 2
"""How long a template may be rendered, in seconds of the processor."""

_MEMORY: Final = 2**30
"""The most memory of the process, in bytes."""

_LONGEST: Final = 1_000_000
"""The most characters of a template, and of what it writes around the turns."""

_SYSTEM: Final = "doxa-system-marker"
_USER: Final = "doxa-user-marker"


class Frame(NamedTuple):
    """A template's text around the turns.

    Attributes
    ----------
    before, between, after : str
        The text before the system turn, between the turns, and after them; `between` is None if the
        template has no place for a system turn.
    """

    before: str
    between: str | None
    after: str


class Frames(NamedTuple):
    """A template's frame for an answer at once, and for a thought before it.

    Attributes
    ----------
    off : Frame
        It ends where the answer begins, outside any thought.
    on : Frame or None
        It ends in a thought that has just been opened; None if the template has none.
    thinking : Thinking or None
        How the template marks a thought; None if it has none.
    """

    off: Frame
    on: Frame | None
    thinking: Thinking | None


def frames(source: str, bos: str, eos: str) -> Frames:
    """Fill a template with markers and cut it at them, told not to think and told to.

    That the template follows its own switch is checked: its two texts must differ. Where it has no
    switch, or leaves a thought open in spite of it, an empty thought is written and closed.

    Parameters
    ----------
    source, bos, eos : str
        As for `doxa.backend.template.ChatTemplate`.

    Raises
    ------
    ModelError
        The template fails, is too long, writes too much, does not write the user turn exactly
        once, or opens a thought in a form that is not known.

    Examples
    --------
    >>> source = "{% for m in messages %}<{{ m.role }}>{{ m.content }}{% endfor %}<think>"
    >>> off, on, thinking = frames(source, "", "")
    >>> off.before, off.between, off.after
    ('<system>', '<user>', '<think></think>')
    >>> on.after, thinking.closing
    ('<think>', '</think>')
    """
    if len(source) > _LONGEST:
        raise ModelError(f"the model's chat template has more than {_LONGEST:,} characters")
    *switches, plain = ways(source)
    for way in switches:
        try:
            off, on = (_frame(source, bos, eos, way, thinks=thinks) for thinks in (False, True))
        except ModelError:
            continue  # it refuses a value
        if off != on:
            switch = way.name
            break
    else:
        switch = ""
        on = _frame(source, bos, eos, plain, thinks=True)
        try:
            off = _frame(source, bos, eos, plain, thinks=False)
        except ModelError:
            off = on
    thinking = recognise(source) or recognise(on.after)
    if thinking is None:
        opening = unknown_opening(off.after)
        if opening and off.after == on.after:
            raise ModelError(
                f"the model's chat template opens a thought with {opening!r}, a form that doxa "
                "does not know, and cannot be told not to: take a file with another template"
            )
        return Frames(off, None, None)
    thinking = replace(thinking, switch=switch)
    if not switch or thinking.is_open(off.after) or thinking.is_closed(off.after):
        off = off._replace(after=thinking.closed(off.after))
    if thinking.is_closed(on.after):
        return Frames(off, None, thinking)  # it closes every thought
    if not thinking.is_open(on.after):
        on = on._replace(after=on.after + thinking.opening)
    return Frames(off, on, thinking)


def _frame(source: str, bos: str, eos: str, way: Way, *, thinks: bool) -> Frame:
    """Fill a template with markers, told in one way, and cut it at them."""
    values = {"bos_token": bos, "eos_token": eos, **(way.on if thinks else way.off)}
    words = way.words_on if thinks else way.words_off
    text: str | None
    try:
        text = _fill(source, values, words, with_system=True)
    except Exception:
        text = None  # it refuses a system turn, or fails on one
    if text is None or _SYSTEM not in text:
        try:
            text = _fill(source, values, words, with_system=False)
        except Exception as error:
            said = " ".join(str(error).split()) or type(error).__name__
            raise ModelError(f"the model's chat template cannot be rendered: {said}") from None
        before, user, after = text.partition(_USER)
        found = Frame(before, None, after)
    else:
        before, _, rest = text.partition(_SYSTEM)
        between, user, after = rest.partition(_USER)
        found = Frame(before, between, after)
    if not user or _USER in after:
        raise ModelError("the model's chat template does not render a user turn")
    return found


def _fill(source: str, values: dict[str, Any], words: str, *, with_system: bool) -> str:
    """Fill the template with markers and values; words end its first turn."""
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
    if words:
        messages[0]["content"] += f" {words}"
    for piece in environment.from_string(source).generate(
        messages=messages, add_generation_prompt=True, **values
    ):
        length += len(piece)
        if length > _LONGEST:
            raise TemplateError(f"it writes more than {_LONGEST:,} characters")
        pieces.append(piece)
    text = "".join(pieces)
    text.encode()  # half of a pair of surrogates is no text
    return text


def _answer(question: tuple[str, str, str]) -> Iterator[tuple[Any, ...]]:
    off, on, thinking = frames(*question)
    yield off, on, thinking and astuple(thinking)


def main() -> None:
    """Render what the process that started this one asks for, within limits."""
    limit("RLIMIT_CPU", SECONDS)
    limit("RLIMIT_AS", _MEMORY)
    serve(_answer)

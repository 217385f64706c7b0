"""Models that think before they answer: how a chat template marks a thought and is told not to.

A new form of thought is one row of `_FORMS`; a new switch is one row of `_VARIABLES` or `_WORDS`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

__all__ = ["Thinking", "Way", "recognise", "split", "told", "unknown_opening", "ways"]


@dataclass(frozen=True, slots=True)
class Thinking:
    r"""How a model's chat template marks a thought.

    Parameters
    ----------
    form : str
        The name of the form, such as ``"<think>"``.
    opening : str
        The text that opens a thought.
    end : str
        What the model writes to close it.
    closing : str
        The text that closes a thought and leads to the answer; it contains `end`.
    switch : str
        What the template reads to know whether the model should think, such as
        ``"enable_thinking"``; ``""`` if it reads nothing, so the model always thinks.

    Examples
    --------
    >>> found = recognise(r"{% if not enable_thinking %}{{ '<think>\n\n</think>\n\n' }}{% endif %}")
    >>> found.form, found.switch, found.opening, found.closing
    ('<think>', 'enable_thinking', '<think>\n', '\n</think>\n\n')
    """

    form: str
    opening: str
    end: str
    closing: str
    switch: str = ""

    def is_open(self, text: str) -> bool:
        """Tell whether a text ends inside a thought."""
        return text.rfind(self.opening.strip()) > text.rfind(self.end)

    def is_closed(self, text: str) -> bool:
        """Tell whether a text holds a thought that has ended; its opening may be missing."""
        opened = text.rfind(self.opening.strip())
        return text.rfind(self.end) > opened if opened >= 0 else text.rstrip().endswith(self.end)

    def closed(self, text: str) -> str:
        """Return a text whose thought is closed; one without a thought gets an empty one.

        Examples
        --------
        >>> thinking = recognise("<think></think>")
        >>> [thinking.closed(text) for text in ("", "<think>", "<think></think>")]
        ['<think></think>', '<think></think>', '<think></think>']
        """
        marker = self.opening.rstrip()
        if self.is_open(text):
            if text.rstrip().endswith(marker):  # nothing is in it yet
                return text.rstrip().removesuffix(marker) + self.opening + self.closing
            return text + self.closing
        if not self.is_closed(text):
            return text + self.opening + self.closing
        lead = self.closing.partition(self.end)[2].strip()
        return text if lead in text else text + lead


class Way(NamedTuple):
    """A way to tell a template whether the model should think.

    Attributes
    ----------
    name : str
        The name of the switch.
    off, on : dict
        Values of the template's variables.
    words_off, words_on : str
        Words put at the end of the system turn.
    """

    name: str
    off: dict[str, Any]
    on: dict[str, Any]
    words_off: str = ""
    words_on: str = ""


class _Form(NamedTuple):
    """A form of thought; the texts may refer to groups of `pattern`, which finds it in a template.

    `lead` begins the answer, if the template has it. With `spaced`, each marker stands in a line of
    its own if the template writes it so.
    """

    name: str
    pattern: str
    opening: str
    closing: str
    end: str = ""
    lead: str = ""
    spaced: bool = False


_FORMS: Final = (
    _Form(
        "gpt-oss channels",
        # a prompt that a server filled has the markers of turns alone
        r"<\|channel\|>analysis|<\|start\|>(?=[\s\S]*<\|message\|>)",
        "<|channel|>analysis<|message|>",
        "<|end|><|start|>assistant<|channel|>final<|message|>",
        end="<|end|>",
    ),
    _Form("Gemma channels", r"<\|channel>", "<|channel>thought\n", "<channel|>"),
    _Form("[THINK]", r"\[/?THINK\]", "[THINK]", "[/THINK]"),
    _Form(
        "Cohere markers",
        r"<\|(START|END)_THINKING\|>",
        "<|START_THINKING|>",
        "<|END_THINKING|>",
        lead="<|START_RESPONSE|>",
    ),
    _Form(
        "Kimi markers",
        r"<\|open\|>[\s\S]*\bthink\b",
        "<|open|>think<|sep|>",
        "<|close|>think<|sep|><|open|>response<|sep|>",
        end="<|close|>",
    ),
    _Form("Apertus markers", r"<\|inner_prefix\|>", "<|inner_prefix|>", "<|inner_suffix|>"),
    _Form("◁think▷", r"◁/?think▷", "◁think▷", "◁/think▷", spaced=True),
    _Form(
        "Granite sentences",
        r"Here is my thought process:",
        "Here is my thought process:\n",
        "\nHere is my response:\n",
        end="Here is my response:",
    ),
    _Form(
        "Apriel sentences",
        r"\[BEGIN FINAL RESPONSE\]",
        "Here are my reasoning steps:\n",
        "\n[BEGIN FINAL RESPONSE]\n",
        end="[BEGIN FINAL RESPONSE]",
    ),
    # Qwen, DeepSeek, GLM, Nemotron, SmolLM, Granite, Phi, EXAONE, Seed, Hunyuan, MiniMax and others
    _Form(
        r"<\1>",
        r"</?((?:\w+:)?(?:think|thinking|thought|reasoning)(?::\w+)?)>",
        r"<\1>",
        r"</\1>",
        lead="<response>",
        spaced=True,
    ),
)

_VARIABLES: Final = {
    "enable_thinking": (False, True),
    "thinking": (False, True),
    "reasoning": (False, True),
    "thinking_budget": (0, -1),
}
"""The variables that templates read, with their values for no thought and for one."""

_EFFORT: Final = "reasoning_effort"

_WORDS: Final = (
    ("/no_think", "/think"),
    ("/nothink", "/think"),
    ("detailed thinking off", "detailed thinking on"),
)
"""The words that templates look for in a turn, for no thought and for one."""

_TAG: Final = re.compile(r"\s*<((?:\w+:)?(?:think|thinking|thought|reasoning)(?::\w+)?)>")
"""The opening of a thought in a tag."""

_COMMENTS: Final = re.compile(r"{#.*?#}", re.DOTALL)
_CODE: Final = re.compile(r"{[{%].*?[%}]}", re.DOTALL)
_TEXTS: Final = re.compile(r"""'[^']*'|"[^"]*\"""", re.DOTALL)
"""What a template says in Jinja, and the texts in that."""

_UNKNOWN: Final = re.compile(
    r"[<\[◁][^<>\[\]◁▷/\s]*(?:think|thought|reason|analysis)[^<>\[\]◁▷/]*[>\]▷]\s*\Z", re.IGNORECASE
)


def recognise(source: str) -> Thinking | None:
    """Return how a chat template marks a thought; None if it knows none.

    Parameters
    ----------
    source : str
        The template's Jinja source.

    Examples
    --------
    >>> recognise("{{ messages[0].content }}") is None
    True
    """
    for form in _FORMS:
        if (match := re.search(form.pattern, source)) is None:
            continue
        opening, closing = match.expand(form.opening), match.expand(form.closing)
        end = form.end or closing
        lead = form.lead if form.lead in source else ""
        # a template without the opening only takes thoughts out of earlier turns
        own_line = re.search(re.escape(opening) + r"(\\n|\n)", source) or opening not in source
        if form.spaced and own_line:
            opening, closing = f"{opening}\n", "\n" + closing + (lead or "\n\n")
        else:
            closing += lead
        name = match.expand(form.name)
        return Thinking(name, opening, end, closing, ways(source)[0].name)
    return None


def ways(source: str) -> list[Way]:
    """Return the ways to tell a template not to think, the surest first; at least one.

    The last has no name: it is for a template without a switch, and asks for little thought.
    """
    code = " ".join(_TEXTS.sub("", one) for one in _CODE.findall(_COMMENTS.sub("", source)))
    off: dict[str, Any] = {name: value for name, (value, _) in _VARIABLES.items()}
    on: dict[str, Any] = {name: value for name, (_, value) in _VARIABLES.items()}
    named = [name for name in _VARIABLES if _reads(code, name)]
    found = []
    has_effort = _reads(code, _EFFORT)
    if has_effort and re.search(r"""['"]none['"]""", source):
        off, on = off | {_EFFORT: "none"}, on | {_EFFORT: "high"}
        named.append(_EFFORT)
    if named:
        found.append(Way(named[0], off, on))
    found += [Way(words[0], off, on, *words) for words in _WORDS if words[0] in source]
    little = off | {_EFFORT: "low"} if has_effort and _EFFORT not in off else off
    return [*found, Way("", little, on)]


def told(*, thinks: bool) -> dict[str, Any]:
    """Return the variables that tell any chat template whether its model should think."""
    return {name: value[thinks] for name, value in _VARIABLES.items() if name != "thinking_budget"}


def split(text: str) -> tuple[str, str] | None:
    r"""Return the thought and the answer of a reply that holds both; None if it holds no thought.

    A thought that is not closed leaves no answer.

    Examples
    --------
    >>> split("<think>So be it.</think>\n\n2"), split("<think>So"), split("2")
    (('So be it.', '2'), ('So', ''), None)
    """
    for form in _FORMS:
        end = form.end or form.closing
        if form.spaced and form.name.startswith("<"):
            match = _TAG.match(text)
            opening, end = (match.group(), f"</{match.group(1)}>") if match else ("", "</think>")
        else:
            opening = form.opening.strip() if text.lstrip().startswith(form.opening.strip()) else ""
        # a template may have opened the thought itself
        if opening or (form.spaced and end in text):
            thought, _, answer = text.lstrip().removeprefix(opening.lstrip()).partition(end)
            for lead in (form.closing.partition(end)[2], form.lead):
                answer = answer.strip().removeprefix(lead.strip())
            return thought.strip(), answer.strip()
    return None


def unknown_opening(text: str) -> str:
    """Return what a text ends with, if that looks like the opening of a thought.

    Examples
    --------
    >>> unknown_opening("<|assistant|><|begin_reasoning|>"), unknown_opening("<|assistant|>")
    ('<|begin_reasoning|>', '')
    """
    match = _UNKNOWN.search(text)
    return match.group().strip() if match else ""


def _reads(code: str, name: str) -> bool:
    """Tell whether a template's code reads a variable of that name, not an attribute."""
    return re.search(rf"(?<![\w.]){name}(?!\w)", code) is not None

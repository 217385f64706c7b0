"""From an item and a condition to the text that a model gets."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from doxa.errors import ExperimentError
from doxa.prompt.block import block, openings, with_shares
from doxa.prompt.example import examples_for
from doxa.prompt.order import option_labels, ordered_codes
from doxa.prompt.steering import PARTS, Aim, read_steering
from doxa.prompt.surface import has_surface, with_surface
from doxa.prompt.texts import texts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from doxa.prompt.condition import Condition
    from doxa.prompt.example import Example
    from doxa.questionnaire import QuestionBank

__all__ = ["DRAWS", "NO_CONTENT", "Prompt", "render", "shown_prompt"]


DRAWS: Final = 10
"""The default number of answers drawn for an item."""

NO_CONTENT: Final = "N/A"
"""The text that replaces the question in a content-free prompt."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """The prompt for a model, before any chat template.

    Parameters
    ----------
    question : str
        The item's id.
    condition : Condition
        How it is asked.
    system : str
        Instruction, steering and people's answers: the same for all items of a condition.
    user : str
        The question and its options.
    wording : str
        The question alone, as it is written in the prompt.
    asks : mapping of str to str
        The request at the end of the user's turn, by elicitation.
    reply_starts : mapping of str to str
        The text with which the model's turn is made to begin, by elicitation.
    labels : tuple of str
        The options' labels, in the order shown.
    codes : tuple of int
        The code that each label stands for.
    draws : int
        The number of answers that a request for a sequence asks for.
    openings : mapping of str to str
        Where examples show the form of a reply: `system` and these examples, by elicitation.
    """

    question: str
    condition: Condition
    system: str = field(repr=False)
    user: str
    wording: str = field(repr=False)
    asks: Mapping[str, str] = field(repr=False, hash=False)
    reply_starts: Mapping[str, str] = field(repr=False, hash=False)
    labels: tuple[str, ...]
    codes: tuple[int, ...]
    draws: int = DRAWS
    openings: Mapping[str, str] = field(default_factory=dict, repr=False, hash=False)

    @property
    def user_without_content(self) -> str:
        """The user's turn with `NO_CONTENT` in place of the question."""
        return self.user.replace(self.wording, NO_CONTENT, 1)

    def opening(self, elicitation: str) -> str:
        """Return the system message: all that comes before the item, the same for all items.

        Parameters
        ----------
        elicitation : str
            A key of `asks`.
        """
        return self.openings.get(elicitation, self.system)

    def messages(self, elicitation: str) -> list[dict[str, str]]:
        """Lay the prompt out as a system and a user message, for a chat model.

        Parameters
        ----------
        elicitation : str
            A key of `asks`.
        """
        user = f"{self.user}\n\n{self.asks[elicitation]}"
        system = self.opening(elicitation)
        return [{"role": "system", "content": system}, {"role": "user", "content": user}]

    def plain(self, elicitation: str) -> str:
        """Lay the prompt out as one text to be continued, for a base model.

        Parameters
        ----------
        elicitation : str
            A key of `asks`.
        """
        start = self.reply_starts[elicitation]
        opening = self.opening(elicitation)
        return f"{opening}\n\n{self.user}\n\n{self.asks[elicitation]}\n{start}"


def render(
    item: str,
    condition: Condition,
    *,
    bank: QuestionBank,
    examples: Sequence[Example] = (),
    draws: int = DRAWS,
) -> Prompt:
    """Write the prompt that puts an item to a model under a condition.

    Parameters
    ----------
    item : str
        The item's id.
    condition : Condition
        How to ask.
    bank : QuestionBank
        The question bank.
    examples : sequence of Example
        The result of `examples_for` for this condition. Optional unless the examples show human
        answers.
    draws : int
        The number of answers that a request for a sequence asks for.

    Raises
    ------
    ExperimentError
        The examples do not fit the condition, or it names an unknown paraphrase.
    QuestionnaireError
        The language lacks the item, the target's name or a text.

    Examples
    --------
    >>> from doxa.prompt import Condition
    >>> from doxa.questionnaire import QuestionBank
    >>> prompt = render("Q57", Condition("en"), bank=QuestionBank.load())
    >>> print(prompt.user)
    Question: Broadly speaking, can most people be trusted, or does one need to be very careful in \
dealing with others?
    Options:
    1: Most people can be trusted
    2: One needs to be very careful
    >>> prompt.reply_starts["logprobs"]
    'Answer: '
    """
    language = bank.language(condition.language)
    words = texts(bank, condition.language)
    question = bank.question(item, condition.language, condition.wording)
    if not has_surface(condition.surface, language.script):
        raise ExperimentError(
            f"{language.english_name} has one kind of letter, so no surface {condition.surface!r}"
        )
    text = with_surface(question, condition.surface, language, words.polite)
    question = replace(question, text=text)
    codes = ordered_codes(question.item, condition.option_order)
    labels, asks, reply_starts = _asks(
        bank, condition.language, len(codes), condition.label_style, draws
    )
    shown = _checked(condition, tuple(examples), bank)
    people = shown if condition.shows_human_answers else ()
    system = _system(condition, people, bank)
    return Prompt(
        item,
        condition,
        system,
        block(question, words, codes, labels),
        text,
        asks,
        reply_starts,
        labels,
        codes,
        draws,
        {} if people or not shown else openings(system, condition, shown, bank, draws),
    )


@functools.lru_cache(maxsize=1024)
def _system(condition: Condition, people: tuple[Example, ...], bank: QuestionBank) -> str:
    language = bank.language(condition.language)
    words = texts(bank, condition.language)
    if condition.template not in words.instruction:
        raise ExperimentError(
            f"no template {condition.template!r} in {condition.language}: there are "
            f"{', '.join(words.instruction)}"
        )
    paragraphs = [words.instruction[condition.template]]
    for part, number in read_steering(condition.steering):
        aim = Aim(condition.target, number, language, condition.group)
        text = words.steering[PARTS[part].text_for(aim)]
        paragraphs.append(text.format(**PARTS[part].fill(aim)))
    return "\n\n".join((*paragraphs, *(with_shares(one, condition, bank) for one in people)))


def _checked(
    condition: Condition, examples: tuple[Example, ...], bank: QuestionBank
) -> tuple[Example, ...]:
    """Check that examples fit the condition; make random ones if none are given or needed."""
    human = condition.shows_human_answers
    if not examples and not human:
        return examples_for(condition, bank=bank)
    if len(examples) != condition.n_examples:
        raise ExperimentError(
            f"{len(examples)} examples for a condition with {condition.n_examples}: "
            "give what examples_for(condition, …) chooses"
        )
    if {example.source for example in examples} - {"human" if human else "random"}:
        raise ExperimentError(
            f"steering {condition.steering!r} shows "
            f"{'human answers' if human else 'made-up distributions'} as examples: "
            "give what examples_for(condition, …) chooses"
        )
    return examples


@functools.lru_cache(maxsize=1024)
def _asks(
    bank: QuestionBank, language: str, n: int, style: str, draws: int
) -> tuple[tuple[str, ...], Mapping[str, str], Mapping[str, str]]:
    """Give the labels of `n` options; by elicitation, the request and the start of the reply."""
    words = texts(bank, language)
    labels = option_labels(n, style)
    form = "{" + ", ".join(f'"{label}": …' for label in labels) + "}"
    option = words.ask_option[style].format(labels=", ".join(labels))
    verbalized = words.ask_verbalized[style].format(form=form)
    sequence = words.ask_sequence[style].format(draws=draws)
    asks = {
        "logprobs": option,
        "verbalized": verbalized,
        "sampling": option,
        "sequence": sequence,
    }
    starts = dict.fromkeys(asks, words.answer) | {"verbalized": "{"}
    return labels, asks, starts


def shown_prompt(
    item: str,
    condition: Condition,
    *,
    bank: QuestionBank,
    examples: Sequence[Example] = (),
    elicitation: str = "verbalized",
    chat: bool = True,
) -> str:
    """Write the prompt as one text for people to read.

    Parameters
    ----------
    item : str
        The item's id.
    condition : Condition
        How to ask.
    bank : QuestionBank
        The question bank.
    examples : sequence of Example
        As for `render`.
    elicitation : {"verbalized", "logprobs", "sampling", "sequence"}
        How the answer is read; this decides the request that ends the prompt.
    chat : bool
        True shows the turns of a chat, each under its role; False shows the text that a base model
        continues.

    Raises
    ------
    ExperimentError
        The elicitation is unknown, or `render` raises the error.
    """
    prompt = render(item, condition, bank=bank, examples=examples)
    if elicitation not in prompt.asks:
        raise ExperimentError(f"no elicitation {elicitation!r}: write {', '.join(prompt.asks)}")
    if not chat:
        return prompt.plain(elicitation)
    turns = [(turn["role"], turn["content"]) for turn in prompt.messages(elicitation)]
    turns.append(("assistant", prompt.reply_starts[elicitation]))
    return "\n\n".join(f"[{role}]\n{content}" for role, content in turns)

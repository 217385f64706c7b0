"""Examples: items that a prompt shows with answers before the item that it asks.

With few-shot steering they show how the target's people answered. Other prompts show none, unless
they are told to: then the same items with random shares, as examples of the form of a reply. An
item that is an example in one condition is left out of the scores of all conditions.
"""

from __future__ import annotations

import functools
import math
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from doxa.errors import ExperimentError, NoDataError
from doxa.questionnaire.group import AGE, variables_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    import polars as pl

    from doxa.prompt.condition import Condition
    from doxa.questionnaire import Item, QuestionBank

__all__ = [
    "FORMAT_SEED",
    "Example",
    "choose_examples",
    "example_order",
    "examples_for",
    "excluded_items",
    "format_examples",
]

FORMAT_SEED: Final = 20170101
"""Seed of the shares in examples that do not show human answers."""


@dataclass(frozen=True, slots=True)
class Example:
    """An item, and the shares that a prompt shows as its answer.

    Parameters
    ----------
    item : str
        The item's id.
    codes : tuple of int
        Its codes on the scale, in the scale's order.
    shares : tuple of float
        The share of each code, in [0, 1], sum 1.
    source : {"human", "random"}
        Whether the shares are people's answers or were drawn at random.
    """

    item: str
    codes: tuple[int, ...]
    shares: tuple[float, ...]
    source: Literal["human", "random"]

    def percentages(self) -> dict[int, int]:
        """Round the shares to whole percentages that add up to 100.

        This is the largest-remainder method: all shares are rounded down, and the missing points go
        one by one to the codes that lost most. In a tie the earlier code comes first.

        Returns
        -------
        dict of int to int
            Percentages by code.

        Examples
        --------
        >>> Example("Q57", (1, 2), (0.005, 0.995), "human").percentages()
        {1: 1, 2: 99}
        """
        exact = [100 * share for share in self.shares]
        whole = [math.floor(value) for value in exact]
        by_fraction = sorted(range(len(exact)), key=lambda i: (whole[i] - exact[i], i))
        for i in by_fraction[: 100 - sum(whole)]:
            whole[i] += 1
        return dict(zip(self.codes, whole, strict=True))

    def answers(self, n: int) -> tuple[int, ...]:
        """Draw the answers of `n` people, by the shares; they depend on the item and shares alone.

        Returns
        -------
        tuple of int
            Codes; the first ones of a longer row are those of a shorter one.

        Examples
        --------
        >>> Example("Q57", (1, 2), (0.0, 1.0), "random").answers(3)
        (2, 2, 2)
        """
        stream = random.Random(f"{self.item}:{self.shares}")
        return tuple(stream.choices(self.codes, self.shares, k=n))


@functools.lru_cache(maxsize=16)
def example_order(bank: QuestionBank) -> tuple[str, ...]:
    """List the items that can be examples, in order of preference.

    Only ordinal items without options off the scale can be examples. Items asked in every wave that
    the bank knows come before all others. Each of these two groups is listed in rounds over the
    topics, in the questionnaire's order: the first round takes the last item of each topic, the
    second the last but one, and so on.

    Parameters
    ----------
    bank : QuestionBank
        The question bank.

    Examples
    --------
    >>> from doxa.questionnaire import QuestionBank
    >>> example_order(QuestionBank.load())[:5]
    ('Q32', 'Q48', 'Q83', 'Q110', 'Q163')
    """
    waves = {wave for item in bank.items.values() for wave in item.variables}

    def rounds(items: list[Item]) -> list[str]:
        rows = [[i.id for i in reversed(items) if i.topic == topic] for topic in bank.topics]
        deepest = max((len(row) for row in rows), default=0)
        return [row[depth] for depth in range(deepest) for row in rows if depth < len(row)]

    fit = [i for i in bank.items.values() if i.scale.kind == "ordinal" and not i.scale.off_scale]
    always = [item for item in fit if waves <= item.variables.keys()]
    return (*rounds(always), *rounds([item for item in fit if item not in always]))


def choose_examples(
    human: pl.DataFrame,
    bank: QuestionBank,
    *,
    country: str,
    wave: int,
    group: str = "",
    n: int = 5,
    exclude: Collection[str] = (),
) -> tuple[Example, ...]:
    """Choose examples that show how the people of a country answered.

    They are the first `n` items of `example_order` that have answers in that country and wave.

    Parameters
    ----------
    human : polars.DataFrame
        Human counts, as `doxa.survey` gives them. The shares are weighted, or as published.
    bank : QuestionBank
        The question bank.
    country : str
        Alpha-3 code of the target.
    wave : int
        The wave whose answers are shown.
    group : str
        The group of people whose answers are shown; "" for everyone in the country.
    n : int
        How many examples.
    exclude : collection of str
        Items that may not be examples.

    Raises
    ------
    NoDataError
        Fewer than `n` items have answers in that country and wave, of that group.

    Examples
    --------
    >>> from doxa.questionnaire import QuestionBank
    >>> from doxa.survey import sample
    >>> bank = QuestionBank.load()
    >>> [e.item for e in choose_examples(sample(), bank, country="JPN", wave=7, n=2)]
    ['Q32', 'Q48']
    """
    from doxa.questionnaire.group_rows import group_rows  # imports Polars; most prompts need none

    of_country = human.filter((human["country"] == country) & (human["wave"] == wave))
    answers = group_rows(of_country, group)
    weights: dict[str, dict[int, float]] = {}
    values = [name for name in ("weighted_n", "share") if name in answers.columns]
    for question, code, *held in answers.select("question", "code", *values).iter_rows():
        of_item = weights.setdefault(question, {})
        weight = next(value for value in held if value is not None)
        of_item[code] = of_item.get(code, 0.0) + weight
    examples: list[Example] = []
    for item_id in example_order(bank):
        codes = bank.items[item_id].scale.codes
        counted = [weights.get(item_id, {}).get(code, 0.0) for code in codes]
        total = math.fsum(counted)
        if item_id in exclude or total <= 0:
            continue
        if len(examples) == n:
            break
        shares = tuple(weight / total for weight in counted)
        examples.append(Example(item_id, codes, shares, "human"))
    if len(examples) < n:
        split = f", split by {', '.join(variables_of(group))}" if group else ""
        split += ", with ages cut as the group's are" if AGE in variables_of(group) else ""
        raise NoDataError(
            f"{len(examples)} items can be examples for {country}{group and f', {group},'} in wave "
            f"{wave}, not {n}: ask for fewer, or bring the counts of that country and wave{split}"
        )
    return tuple(examples)


@functools.lru_cache(maxsize=256)
def format_examples(
    bank: QuestionBank,
    n: int = 5,
    *,
    seed: int = FORMAT_SEED,
    exclude: frozenset[str] = frozenset(),
) -> tuple[Example, ...]:
    """Make examples that show only the form of a reply: their shares are drawn at random.

    They are the first `n` items of `example_order`. An item's shares are drawn from the flat
    Dirichlet distribution, and depend on the seed and the item alone.

    Parameters
    ----------
    bank : QuestionBank
        The question bank.
    n : int
        How many examples.
    seed : int
        Seed of the draws.
    exclude : frozenset of str
        Items that may not be examples.

    Raises
    ------
    NoDataError
        The bank has fewer than `n` items that can be examples.

    Examples
    --------
    >>> from doxa.questionnaire import QuestionBank
    >>> format_examples(QuestionBank.load(), 1)[0].item
    'Q32'
    """
    chosen = [item for item in example_order(bank) if item not in exclude][:n]
    if len(chosen) < n:
        raise NoDataError(f"{len(chosen)} items can be examples, not {n}: ask for fewer")
    return tuple(_made_up(bank.items[item], seed) for item in chosen)


def _made_up(item: Item, seed: int) -> Example:
    stream = random.Random(f"{seed}:{item.id}")
    draws = [-math.log(1.0 - stream.random()) for _ in item.scale.codes]
    total = math.fsum(draws)
    return Example(item.id, item.scale.codes, tuple(d / total for d in draws), "random")


def examples_for(
    condition: Condition, *, bank: QuestionBank, human: pl.DataFrame | None = None
) -> tuple[Example, ...]:
    """Choose the examples that the prompts of a condition show.

    Parameters
    ----------
    condition : Condition
        The condition.
    bank : QuestionBank
        The question bank. Items without wording in the condition's language are not used.
    human : polars.DataFrame, optional
        Human counts; needed if the examples show human answers.

    Raises
    ------
    ExperimentError
        The examples show human answers, and no human counts are given.
    NoDataError
        Too few items can be examples.
    """
    unworded = frozenset(bank.items) - frozenset(bank.items_for(condition.language))
    if not condition.shows_human_answers:
        return format_examples(bank, condition.n_examples, exclude=unworded)
    if human is None:
        raise ExperimentError(
            f"steering {condition.steering!r} shows human answers: give the human counts"
        )
    return choose_examples(
        human,
        bank,
        country=condition.target,
        wave=condition.wave,
        group=condition.group,
        n=condition.n_examples,
        exclude=unworded,
    )


def excluded_items(
    conditions: Iterable[Condition], *, bank: QuestionBank, human: pl.DataFrame | None = None
) -> frozenset[str]:
    """List the items that the scores of these conditions must leave out.

    Parameters
    ----------
    conditions : iterable of Condition
        All conditions that are compared.
    bank : QuestionBank
        The question bank.
    human : polars.DataFrame, optional
        Human counts; needed if the examples of a condition show human answers.

    Returns
    -------
    frozenset of str
        Every item that is an example in at least one of the conditions.

    Examples
    --------
    >>> from doxa.prompt import Condition
    >>> from doxa.questionnaire import QuestionBank
    >>> sorted(excluded_items([Condition("en", n_examples=2)], bank=QuestionBank.load()))
    ['Q32', 'Q48']
    """
    return frozenset(
        example.item
        for condition in conditions
        for example in examples_for(condition, bank=bank, human=human)
    )

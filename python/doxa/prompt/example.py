"""Examples: answered items that a prompt shows before the one it asks.

Few-shot steering shows how the target's people answered. Every other prompt shows the same form
with distributions drawn at random, so that prompts differ in what the examples say and in
nothing else. An item that is an example in any condition is left out of the scores of all.
"""

from __future__ import annotations

import functools
import math
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from doxa.errors import ExperimentError, NoDataError

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
"""Seed of the made-up distributions in prompts without few-shot steering."""


@dataclass(frozen=True, slots=True)
class Example:
    """An item with the distribution that an example shows.

    Parameters
    ----------
    item : str
        The item's id.
    codes : tuple of int
        Its codes on the scale, in the scale's order.
    shares : tuple of float
        The share of each code, in [0, 1], sum 1.
    source : {"human", "random"}
        Whether people answered so, or the shares were drawn at random.
    """

    item: str
    codes: tuple[int, ...]
    shares: tuple[float, ...]
    source: Literal["human", "random"]

    def percentages(self) -> dict[int, int]:
        """Round the shares to whole percentages that add up to 100.

        Remainders go to the largest fractions, and among equal ones to the first.

        Returns
        -------
        dict of int to int
            By code.

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


@functools.lru_cache(maxsize=16)
def example_order(bank: QuestionBank) -> tuple[str, ...]:
    """List the items that can be examples, in the order in which they are taken.

    The rule goes round the topics in the questionnaire's order and takes from each its last item
    not taken yet: first among the items asked in every wave of the survey that the bank knows,
    then among the others. Items that are nominal or offer an option beside the scale are no
    examples.

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
    n: int = 5,
    exclude: Collection[str] = (),
) -> tuple[Example, ...]:
    """Choose items with the target's own answers as examples.

    The first `n` items of `example_order` that were answered there are taken: an item that was
    not fielded in that country and wave gives way to the next one.

    Parameters
    ----------
    human : polars.DataFrame
        Human counts, as `doxa.survey` gives them. Shares are of the survey's weights.
    bank : QuestionBank
        The question bank.
    country : str
        Alpha-3 code of the target.
    wave : int
        The wave whose answers are shown.
    n : int
        How many examples.
    exclude : collection of str
        Items that may not be examples.

    Raises
    ------
    NoDataError
        Fewer than `n` items were answered there.

    Examples
    --------
    >>> from doxa.questionnaire import QuestionBank
    >>> from doxa.survey import sample
    >>> bank = QuestionBank.load()
    >>> [e.item for e in choose_examples(sample(), bank, country="JPN", wave=7, n=2)]
    ['Q32', 'Q48']
    """
    answers = human.filter((human["country"] == country) & (human["wave"] == wave))
    weights: dict[str, dict[int, float]] = {}
    for question, code, weight in answers.select("question", "code", "weighted_n").iter_rows():
        of_item = weights.setdefault(question, {})
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
        raise NoDataError(
            f"{len(examples)} items can be examples for {country} in wave {wave}, not {n}: "
            "ask for fewer, or bring the counts of that country and wave"
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
    """Make examples that show the form of a reply, with distributions drawn at random.

    They are the first `n` items of `example_order`. Each item's distribution is drawn from the
    flat Dirichlet distribution, from a stream that depends on the seed and the item alone.

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
        How is asked.
    bank : QuestionBank
        The question bank. Items without wording in the condition's language are passed over.
    human : polars.DataFrame, optional
        Human counts; needed for few-shot steering.

    Raises
    ------
    ExperimentError
        Few-shot steering without human counts.
    NoDataError
        Too few items can be examples.
    """
    unworded = frozenset(bank.items) - frozenset(bank.items_for(condition.language))
    if "few-shot" not in condition.parts:
        return format_examples(bank, condition.n_examples, exclude=unworded)
    if human is None:
        raise ExperimentError("few-shot steering shows human answers: give the human counts")
    return choose_examples(
        human,
        bank,
        country=condition.target,
        wave=condition.wave,
        n=condition.n_examples,
        exclude=unworded,
    )


def excluded_items(
    conditions: Iterable[Condition], *, bank: QuestionBank, human: pl.DataFrame | None = None
) -> frozenset[str]:
    """List the items that no score of these conditions may use.

    Parameters
    ----------
    conditions : iterable of Condition
        All conditions that are compared.
    bank : QuestionBank
        The question bank.
    human : polars.DataFrame, optional
        Human counts; needed where one of the conditions is few-shot.

    Returns
    -------
    frozenset of str
        Each item that is an example in one of them.

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

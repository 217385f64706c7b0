"""What the demonstration asks, and what its readers are told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from doxa.prompt import Condition
from doxa.run.experiment import Experiment
from doxa.run.grid import choose_items

if TYPE_CHECKING:
    from pathlib import Path

    import polars as pl

    from doxa.questionnaire import QuestionBank

__all__ = ["CONDITIONS", "NOTICE", "demo_experiment"]

_EXAMPLES: Final = 2  # with five, the longest prompts take twice as long

CONDITIONS: Final = (
    Condition("en", n_examples=_EXAMPLES),
    Condition("ja", n_examples=_EXAMPLES),
    Condition("es", n_examples=_EXAMPLES),
    Condition("en", "persona", "USA", n_examples=_EXAMPLES),
    Condition("ja", "persona", "JPN", n_examples=_EXAMPLES),
    Condition("es", "persona", "COL", n_examples=_EXAMPLES),
    Condition("en", "few-shot", "JPN", n_examples=_EXAMPLES),
)
"""No steering in three languages, personas in their country's language, examples in English."""

NOTICE: Final = (
    "This is a demonstration. The model has 135 million parameters and was trained on English: "
    "it hardly understands the questions, least of all in Japanese and Spanish. The page shows "
    "what doxa measures, not what language models in general say."
)


def demo_experiment(
    model: Path, *, n_items: int, bank: QuestionBank, human: pl.DataFrame
) -> Experiment:
    """Return the experiment of the demonstration.

    Parameters
    ----------
    model : pathlib.Path
        A GGUF file.
    n_items : int
        How many items are asked, spread over the questionnaire's topics.
    bank : QuestionBank
        The questionnaire.
    human : polars.DataFrame
        Human counts, for the few-shot examples.

    Raises
    ------
    ExperimentError
        `n_items` is larger than the number of items.

    Examples
    --------
    >>> from pathlib import Path
    >>> from doxa.questionnaire import QuestionBank
    >>> from doxa.survey import sample
    >>> experiment = demo_experiment(
    ...     Path("m.gguf"), n_items=40, bank=QuestionBank.load(), human=sample(wave=7)
    ... )
    >>> len(experiment.items), len(experiment.conditions), experiment.elicitations
    (40, 7, ('logprobs', 'verbalized'))
    """
    items = choose_items(n_items, CONDITIONS, bank=bank, human=human)
    return Experiment((str(model),), CONDITIONS, items)

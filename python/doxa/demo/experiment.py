"""What the demonstration asks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from doxa.prompt import Condition
from doxa.run.experiment import Experiment
from doxa.run.grid import choose_items

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import polars as pl

    from doxa.questionnaire import QuestionBank

__all__ = ["CONDITIONS", "COUNTRIES", "ELICITATIONS", "demo_experiment"]

COUNTRIES: Final[Mapping[str, str]] = {
    "en": "USA",
    "es": "MEX",
    "id": "IDN",
    "ja": "JPN",
    "ru": "RUS",
}
"""The prompt languages, each with a country that speaks it."""

_PERSONAS: Final = ("es", "ru")

CONDITIONS: Final = tuple(
    Condition(language, steering, target, option_order=order)
    for steering, languages in (("none", tuple(COUNTRIES)), ("persona", _PERSONAS))
    for language in languages
    for target in [COUNTRIES[language] if steering == "persona" else ""]
    for order in ("listed", "reversed")
)
"""No steering in five languages, and two personas in their country's language.

Each in both orders of the options.
"""

ELICITATIONS: Final = ("logprobs", "logprobs-calibrated")
"""The second costs half as much again: it reuses the first one's prompt.

The model states no shares ("verbalized"): whatever is shown first would get all of them.
"""


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
        Human counts.

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
    ...     Path("m.gguf"), n_items=24, bank=QuestionBank.load(), human=sample(wave=7)
    ... )
    >>> len(experiment.items), len(experiment.conditions), experiment.elicitations
    (24, 14, ('logprobs', 'logprobs-calibrated'))
    """
    items = choose_items(n_items, CONDITIONS, bank=bank, human=human)
    return Experiment((str(model),), CONDITIONS, items, ELICITATIONS)

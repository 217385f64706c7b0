"""What asking in each language changes for each country, against asking in one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import polars as pl

from doxa.analysis.parts.contrasts import GroupScores
from doxa.analysis.parts.correction import TESTED, with_adjusted
from doxa.analysis.parts.notes import SCORE_NOTES, note
from doxa.analysis.parts.pairs import pair_items, population_keys, restrict
from doxa.analysis.parts.settings import DEFAULTS
from doxa.distribution import MODEL_KEYS
from doxa.errors import NoDataError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from doxa.analysis.parts.correction import Correction
    from doxa.analysis.parts.settings import Settings
    from doxa.questionnaire import QuestionBank

__all__ = ["language_gains"]

_ASKING: Final = [name for name in MODEL_KEYS if name not in ("language", "target", "steering")]


def language_gains(
    model: pl.DataFrame,
    human: pl.DataFrame,
    bank: QuestionBank,
    *,
    reference_language: str = "en",
    correction: Correction = "holm",
    family: Sequence[str] = ("model", "elicitation"),
    settings: Settings = DEFAULTS,
) -> pl.DataFrame:
    """Measure what each language changes, country by country, where nothing steers the model.

    The gain is the alignment with the country when asked in the language minus the alignment when
    asked in the reference language, over the items that both have; all else about the asking is
    equal.

    Parameters
    ----------
    model, human
        As in `country_alignment`; steered ways of asking are left out.
    bank : QuestionBank
        The items, and the countries' main languages.
    reference_language : str
        The language to compare with. A model and elicitation without it is compared with its first
        language by code.
    correction, family, settings
        As in `steering_effects`. By default all languages and countries of a model and
        elicitation are one family.

    Returns
    -------
    polars.DataFrame
        One row per way of asking, language and population: `model`, `elicitation`, `group`,
        `reasoning`, `language`, `reference_language`, the population's keys, `is_own` (whether most
        people of the country were interviewed in the language), `estimate` (positive: closer when
        asked in the language), `low`, `high`, `std_error`, `p_value` (two-sided), `n_items`,
        `p_adjusted`, `low_adjusted`, `high_adjusted`, `resampled`, `note`.

    Raises
    ------
    NoDataError
        A side has no distributions, or no way of asking was unsteered in two languages.
    InvalidArgumentError
        As in `steering_effects`.

    Examples
    --------
    >>> table = language_gains(model, human, bank)
    >>> table.filter("is_own").select("country", "language", "reference_language").row(0)
    ('JPN', 'ja', 'en')
    """
    model, human = restrict(model.filter(steering="none"), human, bank, settings)
    parts = [
        _of_one(part, human, bank, reference_language, settings)
        for part in model.partition_by("model", "elicitation", maintain_order=True)
    ]
    table = pl.concat(parts)
    if table.is_empty():
        raise NoDataError(
            "nothing was asked unsteered in two languages: ask in two, such as with "
            f"--languages {reference_language},main"
        )
    return with_adjusted(table, correction, family, confidence=settings.confidence).select(
        *_ASKING, "language", "reference_language", *population_keys(human), "is_own", *TESTED,
        "p_adjusted", "low_adjusted", "high_adjusted", "resampled", "note",
    )  # fmt: skip


def _of_one(
    model: pl.DataFrame,
    human: pl.DataFrame,
    bank: QuestionBank,
    reference: str,
    settings: Settings,
) -> pl.DataFrame:
    """Compare the languages of one model and elicitation."""
    populations = population_keys(human)
    languages = sorted(model["language"].unique())
    if reference not in languages:
        reference = languages[0]
    pairs = pair_items(model, human, bank)
    # Unsteered replies may be recorded under the country for which their language was chosen.
    first = pl.col("target").min().over([*_ASKING, *populations, "language"])
    keys = [*_ASKING, *populations, "language"]
    scores = GroupScores(pairs.filter(pl.col("target") == first), bank, keys, settings)
    numbered = scores.groups.with_row_index("_group")
    base = numbered.filter(language=reference).drop("language")
    compared = numbered.filter(pl.col("language") != reference).join(
        base, on=[*_ASKING, *populations], nulls_equal=True, suffix="_base", maintain_order="left"
    )  # fmt: skip
    contrasts = [{a: 1.0, b: -1.0} for a, b in compared.select("_group", "_group_base").rows()]
    tests, _ = scores.contrast(contrasts, replicates=False)
    own: dict[str, Any] = {code: place.main_language for code, place in bank.countries.items()}
    main = pl.col("country").replace_strict(own, default=None, return_dtype=pl.String)
    return pl.concat([compared, tests], how="horizontal").with_columns(
        reference_language=pl.lit(reference),
        is_own=(main == pl.col("language")).fill_null(value=False),
        resampled=pl.lit(scores.settings.resampled),
        note=note(*SCORE_NOTES, scores.notes_of(contrasts)),
    )

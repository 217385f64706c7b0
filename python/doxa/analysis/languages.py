"""What asking about a country in its own language gains, against English and other languages."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from doxa.analysis.parts.blocks import largest_block
from doxa.analysis.parts.contrasts import GroupScores
from doxa.analysis.parts.correction import with_adjusted
from doxa.analysis.parts.notes import SCORE_NOTES, note, say
from doxa.analysis.parts.pairs import pair_items, population_keys, restrict
from doxa.analysis.parts.settings import DEFAULTS
from doxa.distribution import MODEL_KEYS
from doxa.errors import NoDataError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from doxa.analysis.parts.correction import Correction
    from doxa.analysis.parts.settings import Settings
    from doxa.questionnaire import QuestionBank

__all__ = ["ALL_COUNTRIES", "OWN_AGAINST_BEST", "OWN_AGAINST_REFERENCE", "own_language"]

ALL_COUNTRIES: Final = "all"
"""What the column `country` says in the row of a mean over countries."""

OWN_AGAINST_REFERENCE: Final = "own − reference"
OWN_AGAINST_BEST: Final = "own − best other"

_ASKING: Final = [name for name in MODEL_KEYS if name not in ("language", "target")]
_TESTED: Final = (
    "n_items", "estimate", "low", "high", "std_error", "p_value", "p_adjusted", "low_adjusted",
    "high_adjusted", "resampled", "note",
)  # fmt: skip


def own_language(
    model: pl.DataFrame,
    human: pl.DataFrame,
    bank: QuestionBank,
    *,
    reference_language: str = "en",
    correction: Correction = "holm",
    family: Sequence[str] = ("measure",),
    settings: Settings = DEFAULTS,
) -> pl.DataFrame:
    """Measure how much closer a country's own language brings a model than other languages do.

    A country's own language is the one in which most of its people were interviewed
    (`Country.main_language`). The gain is the alignment with the country when asked in it, minus
    the alignment when asked in the reference language, or in the best of all further languages;
    all else about the asking is equal, and both use the items that both have.

    Parameters
    ----------
    model, human
        As in `country_alignment`.
    bank : QuestionBank
        The items, and the countries' main languages.
    reference_language : str
        The language to compare with.
    correction, family, settings
        As in `steering_effects`. The means over countries are a family of their own.

    Returns
    -------
    polars.DataFrame
        Of each way of asking in which some country's own language was used, up to two rows a
        country, and two rows with `is_mean` for the mean over its countries: `model`,
        `elicitation`, `steering`, `group`, `reasoning`, the population's keys (`country` is
        "all" in a mean), `measure` ("own − reference" or "own − best other"), `own_language`,
        `other_language`, `own` and `other` (the alignments in both, on the same items), `is_mean`,
        `n_countries`, `n_items`, `estimate` (positive: the own language is closer), `low`, `high`,
        `std_error`, `p_value` (two-sided), `p_adjusted`, `low_adjusted`, `high_adjusted`,
        `resampled`, `note`. A country without a pair has no row; the `note` of the mean counts
        these, with the reasons.

    Raises
    ------
    NoDataError
        A side has no distributions, or no country was asked about in its own language and in
        another one.
    InvalidArgumentError
        As in `steering_effects`.

    Notes
    -----
    The best other language is chosen on the same answers as it is compared on, without the
    reference language, so the difference to it is biased downwards, the more languages there
    are. The mean over countries uses the countries and items that make countries times items
    largest; its interval draws items, and takes the countries as given.

    Examples
    --------
    >>> table = own_language(model, human, bank)
    >>> table.select("country", "own_language", "other_language").row(0)
    ('JPN', 'ja', 'en')
    """
    model, human = restrict(model, human, bank, settings)
    populations = population_keys(human)
    pairs = pair_items(model, human, bank)
    # Unsteered replies may be recorded under the country for which their language was chosen.
    first = pl.col("target").min().over([*_ASKING, *populations, "language"])
    pairs = pairs.filter(pl.col("target") == first)
    scores = GroupScores(pairs, bank, [*_ASKING, *populations, "language"], settings)
    own = {code: country.main_language for code, country in bank.countries.items()}
    rows: list[dict[str, Any]] = []
    contrasts: list[dict[int, float]] = []
    for way, asked in _by_way(scores.groups):
        abroad = {code for code in asked if own.get(code, reference_language) != reference_language}
        if not any(own[code] in asked[code] for code in abroad):
            continue
        for measure in (OWN_AGAINST_REFERENCE, OWN_AGAINST_BEST):
            chosen, lacking = _choose(scores, asked, own, reference_language, measure)
            for row, contrast in _compared(scores, chosen, lacking):
                rows.append(way | {"measure": measure} | row)
                contrasts.append(contrast)
    if not any(row["n_countries"] for row in rows):
        raise NoDataError(
            "no country was asked about in its own language and in another one: ask in both, "
            f"such as with --languages {reference_language},main"
        )
    tests, _ = scores.contrast(contrasts, replicates=False)
    named = pl.DataFrame(rows, infer_schema_length=None)
    same = (pl.col("estimate") == 0) & (pl.col("std_error") == 0)
    table = pl.concat([named, tests], how="horizontal").with_columns(
        resampled=pl.lit(scores.settings.resampled),
        note=note(
            *(pl.when(pl.col("n_countries") > 0).then(part) for part in SCORE_NOTES),
            say(same, "no item differs"),
            scores.notes_of(contrasts),
            pl.col("told"),
        ),
    )
    families = [*family, "is_mean"]
    corrected = with_adjusted(table, correction, families, confidence=settings.confidence)
    return corrected.select(
        *_ASKING, *populations, "measure", "own_language", "other_language", "own", "other",
        "is_mean", "n_countries", *_TESTED,
    )  # fmt: skip


def _by_way(groups: pl.DataFrame) -> Iterator[tuple[dict[str, Any], dict[str, dict[str, int]]]]:
    """Give each way of asking its groups, by country and language."""
    found: dict[tuple[Any, ...], dict[str, dict[str, int]]] = {}
    keys = [name for name in groups.columns if name not in ("country", "language")]
    for group, row in enumerate(groups.iter_rows(named=True)):
        asked = found.setdefault(tuple(row[key] for key in keys), defaultdict(dict))
        asked[row["country"]][row["language"]] = group
    for way, asked in found.items():
        yield dict(zip(keys, way, strict=True)), asked


def _choose(
    scores: GroupScores,
    asked: Mapping[str, Mapping[str, int]],
    own: Mapping[str, str],
    reference: str,
    measure: str,
) -> tuple[list[tuple[str, str, str, int, int]], Counter[str]]:
    """Pair each country's own language with another one; count the countries that lack a pair.

    Returns
    -------
    chosen : list of tuple
        Country, own language, other language, and the groups of both.
    lacking : Counter of str
        How many countries lack a pair, by reason.
    """
    chosen, lacking = [], Counter[str]()
    for country, groups in asked.items():
        language = own.get(country)
        if language is None:
            lacking["main language unknown"] += 1
        elif language not in groups:
            lacking["not asked in their main language"] += 1
        elif measure == OWN_AGAINST_BEST:
            best = _best_other(scores, groups, {language, reference}, groups[language])
            if best is None:
                lacking["asked in no further language"] += 1
            else:
                chosen.append((country, language, best, groups[language], groups[best]))
        elif language == reference:
            lacking[f"main language {reference}"] += 1
        elif reference not in groups:
            lacking[f"not asked in {reference}"] += 1
        else:
            chosen.append((country, language, reference, groups[language], groups[reference]))
    return chosen, lacking


def _best_other(
    scores: GroupScores, groups: Mapping[str, int], besides: set[str], own: int
) -> str | None:
    """Find the language whose alignment, on the items shared with the own one, is ahead most."""
    ahead = {}
    for language, group in groups.items():
        beyond = scores.values[group] - scores.values[own]
        if language not in besides and not np.isnan(beyond).all():
            ahead[language] = float(np.nanmean(beyond))
    return max(ahead, key=ahead.__getitem__, default=None)


def _compared(
    scores: GroupScores, chosen: list[tuple[str, str, str, int, int]], lacking: Counter[str]
) -> Iterator[tuple[dict[str, Any], dict[int, float]]]:
    """Give the rows of one measure, the mean over countries last, each with its contrast."""
    values = scores.values
    held = np.zeros((len(chosen), values.shape[1]), bool)
    for place, (country, language, other, first, second) in enumerate(chosen):
        held[place] = ~np.isnan(values[first]) & ~np.isnan(values[second])
        yield (
            {
                "country": country, "own_language": language, "other_language": other,
                "own": _mean(values[first, held[place]]),
                "other": _mean(values[second, held[place]]),
                "is_mean": False, "n_countries": 1, "told": None,
            },
            {first: 1.0, second: -1.0},
        )  # fmt: skip
    countries, items = largest_block(held) if len(chosen) else (np.empty(0, np.int64), held)
    own = [chosen[place][3] for place in countries]
    others = [chosen[place][4] for place in countries]
    lacking = lacking.copy()
    if len(chosen) > len(countries):
        lacking["few of the items that the others have"] = len(chosen) - len(countries)
    reasons = "; ".join(f"{reason}: {number}" for reason, number in sorted(lacking.items()))
    told = f"countries not in the mean: {lacking.total()} ({reasons})" if lacking else None
    weight = 1.0 / max(1, len(own))
    yield (
        {
            "country": ALL_COUNTRIES, "own_language": None, "other_language": None,
            "own": _mean(values[np.ix_(own, items)]) if own else None,
            "other": _mean(values[np.ix_(others, items)]) if own else None,
            "is_mean": True, "n_countries": len(own),
            "told": told,
        },
        dict.fromkeys(own, weight) | dict.fromkeys(others, -weight) or {0: float("nan")},
    )  # fmt: skip


def _mean(values: Any) -> float | None:
    return float(values.mean()) if values.size else None

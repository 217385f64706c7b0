"""Score by the rules of another study, to reproduce its tables.

A preset is not a recommendation: `docs/explanation/differences.md` says what each of its rules does
to the numbers.
"""

from __future__ import annotations

import functools
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import polars as pl

from doxa.distribution import MODEL_KEYS, target_or_everyone
from doxa.errors import InvalidArgumentError, NoDataError
from doxa.evaluate.tables import make_table
from doxa.outside.documents import literal_of
from doxa.recorded import examples_of, with_condition
from doxa.score import score_batch
from doxa.survey import COUNT_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from doxa.evaluate.evaluation import Evaluation
    from doxa.questionnaire import QuestionBank

    Preset = Callable[..., pl.DataFrame]

__all__ = ["PRESETS", "liu2026", "score_by_preset"]


_ALSO_SHOWN: Final[Mapping[str, tuple[int, ...]]] = MappingProxyType({"Q111": (1, 2, 3)})
"""Items of which the study shows and counts an answer that was volunteered in the field."""


def liu2026(
    replies: pl.DataFrame, counts: pl.DataFrame, bank: QuestionBank, *, wave: int = 7
) -> pl.DataFrame:
    """Score replies by the rules of the study of models and global human opinion (AAAI 2026).

    Human shares come from unweighted counts over the item's codes, volunteered ones too; of
    published shares the unweighted ones are taken, and weighted ones where they are the only ones
    known. If replies are repeated, only
    the first counts. Its shares are divided by their sum, whatever the sum is. A missing code
    counts 0, and a key that is not a code is dropped. A reply is left out if it is not a mapping
    or gives nothing to the codes. All items are ordinal, with equal steps in the questionnaire's
    order of codes. A score is the mean over the items that both sides have, without the items
    that the study showed as examples for the country scored against.

    Parameters
    ----------
    replies : polars.DataFrame
        As `doxa.store.Store.replies` gives them. `text` is read; if it is empty,
        `probabilities` are.
    counts : polars.DataFrame
        Human counts, as `doxa.survey` gives them.
    bank : QuestionBank
        The items.
    wave : int
        The survey's wave.

    Returns
    -------
    polars.DataFrame
        `model, condition, country, alignment, n_items`: steered conditions against their target,
        others against every country.

    Raises
    ------
    NoDataError
        The two sides share no item.
    """
    human = _human(counts.filter(pl.col("wave") == wave), bank)
    asked = replies.unique([*MODEL_KEYS, "question"], keep="first", maintain_order=True)
    countries = human["country"].unique()
    asked = asked.filter((pl.col("target") == "") | pl.col("target").is_in(countries.implode()))
    shares = [
        _shares(text, codes, probabilities, _listed(question, bank))
        for question, text, codes, probabilities in asked.select(
            "question", "text", "codes", "probabilities"
        ).iter_rows()
    ]
    examples = {country: examples_of(country) for country in countries}
    pairs = (
        asked.select(*MODEL_KEYS, "question", shares=pl.Series(shares, dtype=pl.List(pl.Float64)))
        .drop_nulls("shares")
        .join(human, on="question", maintain_order="left")
        .filter(target_or_everyone())
        .filter(~_shown(examples))
    )
    if pairs.is_empty():
        raise NoDataError(f"no item in common with the human counts of wave {wave}: name another")
    pairs = pairs.with_columns(score_batch(pairs["shares"], pairs["human"]).scores["alignment"])
    return (
        with_condition(pairs, bank)
        .group_by("model", "condition", "country", maintain_order=True)
        .agg(pl.col("alignment").mean(), n_items=pl.len().cast(pl.Int64))
        .sort("model", "condition", "country")
    )


PRESETS: Final[Mapping[str, Preset]] = MappingProxyType({"liu2026": liu2026})
"""Presets by name."""


def score_by_preset(evaluation: Evaluation, name: str, *, beside: bool = False) -> pl.DataFrame:
    """Score the replies of an evaluation by a preset's rules.

    Parameters
    ----------
    evaluation : Evaluation
        Its replies and counts are used.
    name : str
        One of `PRESETS`.
    beside : bool
        Whether to add the scores by doxa's own rules, as `default_alignment`, `default_low`,
        `default_high` and `default_n_items`, and `difference`, the preset's score minus doxa's.
        They are null where doxa has no score.

    Raises
    ------
    InvalidArgumentError
        The preset is unknown.
    NoDataError
        There is nothing to score.

    Examples
    --------
    >>> table = score_by_preset(evaluation, "liu2026")
    >>> table["model"].unique().sort().to_list()
    ['alpha', 'beta']
    """
    if name not in PRESETS:
        raise InvalidArgumentError(f"no preset {name!r}: there are {', '.join(PRESETS)}")
    scores = PRESETS[name](
        evaluation.replies, evaluation.counts, evaluation.bank, wave=evaluation.settings.wave
    )
    if not beside:
        return scores
    keys = ["model", "condition", "country"]
    own = make_table(evaluation, "scores").select(*keys, pl.exclude(keys).name.prefix("default_"))
    difference = pl.col("alignment") - pl.col("default_alignment")
    return scores.join(own, on=keys, how="left", maintain_order="left").with_columns(
        difference=difference
    )


def _listed(question: str, bank: QuestionBank) -> tuple[int, ...]:
    """List an item's codes as the study shows them."""
    return _ALSO_SHOWN.get(question, bank.items[question].listed)


def _human(counts: pl.DataFrame, bank: QuestionBank) -> pl.DataFrame:
    """Give `country, question, human`: unweighted shares, in the order the codes are listed."""
    listed = pl.DataFrame(
        [
            (name, code, rank)
            for name in bank.items
            for rank, code in enumerate(_listed(name, bank))
        ],
        schema={"question": pl.String, "code": pl.Int64, "rank": pl.Int64},
        orient="row",
    )
    counts = _whole_countries(counts)
    populations = counts.select("country", "question").unique()
    held = [name for name in ("n", "share_unweighted", "share") if name in counts.columns]
    counts = counts.with_columns(n=pl.coalesce(held))
    total = pl.col("n").sum().over("country", "question")
    return (
        populations.join(listed, on="question")
        .join(
            counts.group_by("country", "question", "code").agg(pl.col("n").sum()),
            on=["country", "question", "code"],
            how="left",
        )
        .with_columns(pl.col("n").fill_null(0.0))
        .with_columns(share=pl.col("n") / total, total=total)
        .filter(pl.col("total") > 0)
        .sort("country", "question", "rank")
        .group_by("country", "question", maintain_order=True)
        .agg(human="share")
    )


def _whole_countries(counts: pl.DataFrame) -> pl.DataFrame:
    """Drop the groups of a country that stands there as a whole too: they would count twice."""
    groups = [name for name in counts.columns if name not in COUNT_COLUMNS]
    whole = pl.all_horizontal(pl.lit(value=True), *(pl.col(name).is_null() for name in groups))
    return counts.filter(whole | ~whole.any().over("country", "question"))


def _shown(examples: Mapping[str, frozenset[str]]) -> pl.Expr:
    """Select the rows whose item was an example for the country scored against."""
    return pl.any_horizontal(
        pl.lit(value=False),
        *(
            (pl.col("country") == country) & pl.col("question").is_in(list(items))
            for country, items in examples.items()
        ),
    )


def _shares(
    text: str | None,
    codes: list[int],
    probabilities: list[float] | None,
    listed: tuple[int, ...],
) -> list[float] | None:
    if text:
        found = _mapping(text)
    else:
        found = dict(zip(map(str, codes), probabilities or (), strict=False))
    values = [found.get(str(code), 0.0) for code in listed]
    total = sum(values)
    return [value / total for value in values] if total > 0 else None


@functools.lru_cache(maxsize=100_000)
def _mapping(text: str) -> dict[str, float]:
    """Read a mapping from labels to percentages; give an empty one for any other text."""
    try:
        found = literal_of(text.strip())
        return {str(key): float(str(value).strip().rstrip("%")) for key, value in found.items()}
    except (ValueError, AttributeError):
        return {}

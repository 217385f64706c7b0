"""Score by the rules of another study, to reproduce its tables.

A preset is not a recommendation: `docs/explanation/differences.md` says what each of its rules does
to the numbers.
"""

from __future__ import annotations

import functools
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from doxa.backend import BACKENDS
from doxa.distribution import MODEL_KEYS, target_or_everyone
from doxa.errors import InvalidArgumentError, NoDataError
from doxa.evaluate.tables import make_table
from doxa.outside.documents import literal_of
from doxa.prompt import option_labels, ordered_codes
from doxa.prompt.order import LABEL_STYLES
from doxa.recorded import examples_of, with_condition
from doxa.score import score_batch
from doxa.survey import COUNT_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from doxa.evaluate.evaluation import Evaluation
    from doxa.questionnaire import QuestionBank

    Preset = Callable[..., pl.DataFrame]

__all__ = ["PRESETS", "kinds_by_preset", "liu2026", "score_by_preset"]


_RECORDED: Final = "recorded"
"""The backend of replies in the study's own form."""

_READ: Final = (
    "question", "text", "codes", "probabilities", "elicitation", "backend", "option_order",
)  # fmt: skip

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
        As `doxa.store.Store.replies` gives them. Of shares that a model wrote, `text` is read by
        the labels shown: the codes in the study's own recordings, doxa's labels in doxa's own
        runs. Of all others, and of other programs' logs, `probabilities` are taken.
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
    pairs = _Pairs(replies, counts, bank, wave).pairs
    if pairs.is_empty():
        raise NoDataError(f"no item in common with the human counts of wave {wave}: name another")
    pairs = pairs.with_columns(score_batch(pairs["shares"], pairs["human"]).scores["alignment"])
    return (
        with_condition(pairs, bank)
        .group_by("model", "condition", "country", maintain_order=True)
        .agg(pl.col("alignment").mean(), n_items=pl.len().cast(pl.Int64))
        .sort("model", "condition", "country")
    )


class _Pairs:
    """Replies by the study's rules, and their pairs with people.

    `asked` has a row for each reply: its number, whether it repeats another one, and its shares.
    """

    def __init__(
        self, replies: pl.DataFrame, counts: pl.DataFrame, bank: QuestionBank, wave: int
    ) -> None:
        human = _human(counts.filter(pl.col("wave") == wave), bank)
        countries = human["country"].unique()
        shares = [
            _shares(row, _listed(row["question"], bank), bank)
            for row in replies.select(_READ).iter_rows(named=True)
        ]
        self.countries = frozenset(countries)
        self.asked = replies.with_row_index("reply").select(
            "reply",
            *MODEL_KEYS,
            "question",
            repeats=~pl.struct(*MODEL_KEYS, "question").is_first_distinct(),
            shares=pl.Series(shares, dtype=pl.List(pl.Float64)),
        )
        self.pairs = (
            self.asked.filter(~pl.col("repeats"))
            .drop_nulls("shares")
            .join(human, on="question", maintain_order="left")
            .filter(target_or_everyone())
            .filter(~_shown({country: examples_of(country) for country in countries}))
        )


PRESETS: Final[Mapping[str, Preset]] = MappingProxyType({"liu2026": liu2026})
"""Presets by name."""


def kinds_by_preset(evaluation: Evaluation, name: str, *, scored: str) -> pl.Series:
    """Say of each reply of an evaluation whether a preset scores it, and if not, why.

    Parameters
    ----------
    evaluation : Evaluation
        Its replies and counts are used.
    name : str
        One of `PRESETS`; all have the rules of `liu2026` for what is left out.
    scored : str
        The word for a reply that is scored.

    Raises
    ------
    InvalidArgumentError
        The preset is unknown.
    """
    _require(name)
    wave = evaluation.settings.wave
    found = _Pairs(
        evaluation.replies, evaluation.counts, evaluation.bank, 7 if wave is None else wave
    )
    used = found.pairs["reply"].unique().implode()
    elsewhere = (pl.col("target") != "") & ~pl.col("target").is_in(list(found.countries))
    kind = (
        pl.when(pl.col("reply").is_in(used))
        .then(pl.lit(scored))
        .when(pl.col("repeats"))
        .then(pl.lit("repeated, of which the preset counts the first"))
        .when(pl.col("shares").is_null())
        .then(pl.lit("without a mapping that gives its codes anything"))
        .when(elsewhere)
        .then(pl.lit("steered towards countries without human answers"))
        .otherwise(pl.lit("on items without human answers, or shown as examples"))
    )
    return found.asked.select(kind.alias("kind")).to_series()


def _require(name: str) -> None:
    if name not in PRESETS:
        raise InvalidArgumentError(f"no preset {name!r}: there are {', '.join(PRESETS)}")


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
    _require(name)
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
    row: Mapping[str, Any], listed: tuple[int, ...], bank: QuestionBank
) -> list[float] | None:
    """Give the shares of a reply over the codes listed; None if it gives them nothing.

    The study's labels are codes. In doxa's own prompts labels are numbers or letters in the order
    shown. What else was recorded is taken as it was read.
    """
    text, found = row["text"], dict[str, float]()
    if row["elicitation"] == "verbalized" and text and row["backend"] == _RECORDED:
        found = _mapping(text)
    elif row["elicitation"] == "verbalized" and text and row["backend"] in BACKENDS:
        codes = ordered_codes(bank.items[row["question"]], row["option_order"])
        said = _mapping(text if text.lstrip().startswith("{") else f"{{{text}")
        labels = next(
            (
                labels
                for style in LABEL_STYLES
                if said.keys() & set(labels := option_labels(len(codes), style))
            ),
            (),
        )
        found = {
            str(code): said.get(label, 0.0) for label, code in zip(labels, codes, strict=False)
        }
    elif row["probabilities"] is not None:
        found = dict(zip(map(str, row["codes"]), row["probabilities"], strict=True))
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

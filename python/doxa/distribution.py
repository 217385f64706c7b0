"""Response distributions: shares of the answers on an item's scale, from people or from models.

A frame of distributions has one row per distribution. `codes` and `probabilities` are lists in the
order of the item's scale. The probabilities sum to 1 over the scale; `off_scale_mass` is the share
of all answers that are not on it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, Protocol

import polars as pl

from doxa.errors import InvalidArgumentError, InvalidDistributionError, SurveyError
from doxa.questionnaire.missing import LOWEST_NONRESPONSE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from doxa.questionnaire.item import Item

__all__ = [
    "FORM_KEYS",
    "MODEL_KEYS",
    "HasItems",
    "human_distributions",
    "model_distributions",
    "target_or_everyone",
]

MODEL_KEYS: Final = (
    "model", "elicitation", "language", "steering", "target", "group", "reasoning",
)  # fmt: skip
"""The columns that together name a model and a way of asking it."""

FORM_KEYS: Final = ("wording", "surface", "template", "option_order", "label_style")
"""The columns that together name a form of an item: the same question, put in another way."""

_USUAL: Final = {
    "group": "", "reasoning": "off", "wording": "a", "surface": "plain", "template": "a",
    "option_order": "listed", "label_style": "numbers",
}  # fmt: skip
"""What replies were asked with where their frame does not say."""

_MOST_DRAWN: Final = 1e12
"""The number of draws of distributions that are all alike."""
_MEASURES: Final = (
    "n", "weighted_n", "n_effective", "share", "share_unweighted", "rounding", "respondents",
    "weighted", "source",
)  # fmt: skip
_PUBLISHED: Final = {
    **dict.fromkeys(("share", "share_unweighted", "rounding", "respondents"), pl.Float64),
    "weighted": pl.Boolean,
    "source": pl.String,
}
_ABOUT: Final = ("n", "n_effective", "weighted", "source", "rounding")


class HasItems(Protocol):
    """Anything with items: a `QuestionBank`, or a survey that its user described."""

    @property
    def items(self) -> Mapping[str, Item]:
        """The items, in the questionnaire's order."""


def target_or_everyone() -> pl.Expr:
    """Select the rows that compare a condition with a population that it is about.

    A condition with a target is about that country; any other is about every country.
    """
    return (pl.col("target") == "") | (pl.col("target") == pl.col("country"))


def human_distributions(
    counts: pl.DataFrame,
    bank: HasItems,
    *,
    weighted: bool = True,
    missing: Literal["exclude", "off-scale"] = "exclude",
) -> pl.DataFrame:
    """Turn human counts into response distributions.

    Parameters
    ----------
    counts : polars.DataFrame
        Human counts as `doxa.survey.read_counts` gives them. Negative codes are missing answers.
        Questions that the bank lacks are left out. Any further column is a grouping key.
    bank : QuestionBank or other HasItems
        The items, with their scales.
    weighted : bool
        Whether to use the respondents' weights; otherwise each respondent counts once, and
        published shares are the unweighted ones where these are known.
    missing : {"exclude", "off-scale"}
        Whether those who were asked and gave no answer ("don't know", -1, and "no answer", -2)
        are left out, or counted in `off_scale_mass`. The probabilities are the same either way.
        Those who were not asked (-3 and below) are always left out.

    Returns
    -------
    polars.DataFrame
        One row per population and item, items in the bank's order: `survey`, `wave`,
        `country`, any further keys, `question`, `codes` (List(Int64)), `probabilities`
        (List(Float64), sum 1), `off_scale_mass` (Float64, in [0, 1]), `n` and `n_effective`
        (Float64): how many respondents answered on the scale, and Kish's effective number of
        them. The latter is the question's effective number times the share of its weights that
        is on the scale, and `n` where weights are not used. For published shares `n` is null, and
        where their effective number is not known, the size of their sample stands for it; null
        where neither is known. Then `weighted` (Boolean, whether weights are in the shares; null
        where unknown), `source` (String) and `rounding` (Float64): how far each published share,
        as a part of those on the scale, may be from the exact one; null for counts and where
        unknown. An item that nobody answered on its scale has no row.

    Raises
    ------
    SurveyError
        A code is neither a missing answer nor an option of its item.
    InvalidArgumentError
        `missing` has another value.

    Examples
    --------
    >>> from doxa.questionnaire import QuestionBank
    >>> from doxa.survey import sample
    >>> shares = human_distributions(sample(wave=7), QuestionBank.load())
    >>> shares.filter(country="JPN", question="Q1")["codes"].to_list()
    [[1, 2, 3, 4]]
    """
    if missing not in ("exclude", "off-scale"):
        raise InvalidArgumentError(f"missing={missing!r}: say 'exclude' or 'off-scale'")
    keys = [name for name in counts.columns if name not in ("question", "code", *_MEASURES)]
    scale = _scale_frame(bank)
    answers = counts.filter(pl.col("question").is_in(scale["question"].unique().implode()))
    answers = answers.join(scale, on=["question", "code"], how="left", maintain_order="left")
    _reject_unknown_codes(answers, bank)
    answers = _with_values(answers, weighted)
    on_scale = pl.col("on_scale").fill_null(value=False)
    valid = pl.col("value").filter(pl.col("code") >= 0).sum()
    counted = 0 if missing == "exclude" else LOWEST_NONRESPONSE
    everything = pl.col("value").filter(pl.col("code") >= counted).sum()
    on_share = pl.col("value").filter(on_scale).sum()
    n = pl.col("n").filter(on_scale).sum()
    # Shares without respondents have null counts, and a sum of nulls is 0 in Polars.
    n = pl.when(pl.col("n").null_count() == 0).then(n)
    effective = pl.col("n_effective") if weighted else pl.lit(None, pl.Float64)
    n_effective = pl.coalesce(effective, "respondents").first() * on_share / valid
    populations = (
        answers.group_by([*keys, "question"], maintain_order=True)
        .agg(
            pl.col("weighted", "source").first(),
            total=on_share,
            off_scale_mass=1.0 - on_share / everything,
            n=n,
            n_effective=n_effective if weighted else pl.coalesce(n, n_effective),
            rounding=pl.col("rounding").first() / on_share,
        )
        .filter(pl.col("total") > 0)
    )
    options = scale.filter("on_scale").drop("on_scale")
    shares = (
        populations.join(options, on="question")
        .join(
            answers.select(*keys, "question", "code", "value"),
            on=[*keys, "question", "code"],
            how="left",
            nulls_equal=True,
        )
        .with_columns(probability=pl.col("value").fill_null(0.0) / pl.col("total"))
        .sort(*keys, "item", "rank")
        .group_by([*keys, "question"], maintain_order=True)
        .agg(
            pl.col("code").alias("codes"),
            pl.col("probability").alias("probabilities"),
            pl.col("off_scale_mass", *_ABOUT).first(),
        )
    )
    return shares.select(*keys, "question", "codes", "probabilities", "off_scale_mass", *_ABOUT)


def _with_values(answers: pl.DataFrame, weighted: bool) -> pl.DataFrame:
    """Add what is shared out, `value`: weights, respondents or published shares."""
    absent = _PUBLISHED.keys() - set(answers.columns)
    answers = answers.with_columns(pl.lit(None, _PUBLISHED[name]).alias(name) for name in absent)
    if weighted:
        return answers.with_columns(value=pl.coalesce("weighted_n", "share"))
    counted = pl.col("n").is_not_null() | pl.col("share_unweighted").is_not_null()
    return answers.with_columns(
        value=pl.coalesce("n", "share_unweighted", "share"),
        weighted=pl.when(counted).then(pl.lit(value=False)).otherwise("weighted"),
        # how the unweighted table was rounded is not known
        rounding=pl.when(pl.col("share_unweighted").is_null()).then("rounding"),
    )


def model_distributions(
    replies: pl.DataFrame, bank: HasItems, *, by: Sequence[str] = ()
) -> pl.DataFrame:
    """Turn a model's replies into response distributions.

    Replies that differ only in the draw are averaged, and then the forms of an item: its wording,
    how that is written, the instruction, and the options' order and labels. Each form counts once,
    however many replies it has. Within a form each reply counts once; a sequence, a reply with
    several answers, counts once for each answer. Only replies whose `status` is "ok" are used.

    Parameters
    ----------
    replies : polars.DataFrame
        Replies as `doxa.store.Store.replies` gives them. Questions that the bank lacks are
        left out. A column of `FORM_KEYS`, `group` or `reasoning` that they lack has one value:
        the questionnaire's own form, no group, at once. If the options shown
        include an answer that respondents could only volunteer, its mass is off the scale.
    bank : QuestionBank or other HasItems
        The items, with their scales.
    by : sequence of str
        Further columns of `replies`, such as `draw` and those of `FORM_KEYS`, whose values get
        distributions of their own.

    Returns
    -------
    polars.DataFrame
        One row per way of asking and item, items in the bank's order: `model`,
        `elicitation`, `language`, `steering`, `target`, `group`, `reasoning`, the columns of
        `by`, `question`, `codes` (List(Int64)), `probabilities` (List(Float64), sum 1),
        `off_scale_mass` (Float64, in [0, 1]), `n_replies` (UInt32), which counts each answer of a
        sequence, `n_forms` (UInt32), the forms that were averaged, with `form_names` and `forms`
        (by option, its share in each), and `n_drawn` (Float64): how many answers drawn one by one
        would vary as much as the average of these distributions does, each after a thought of its
        own; null where no form was drawn twice. An item with all its mass off the scale has no
        row. If some replies are within bounds, also `lower` and `upper` (List(Float64)): the least
        and the most that each share may be.

    Notes
    -----
    Forms are strata: only draws within them vary. With m_f the average of the D_f distributions p
    of form f, and m that of the F forms, `n_drawn` is (1 - Σ m²) F² / Σ_f (Σ Σ (p - m_f)² / D_f²):
    the size of the multinomial whose shares have the same variance, at most 1e12.

    Raises
    ------
    InvalidDistributionError
        A reply's codes are not the item's options, or its probabilities are not shares.

    Examples
    --------
    >>> from doxa.questionnaire import QuestionBank
    >>> asked = {"model": "m", "elicitation": "verbalized", "language": "en",
    ...          "steering": "none", "target": "", "question": "Q1"}
    >>> reply = {"request_key": "k", "status": "ok", "codes": [1, 2, 3, 4]}
    >>> replies = pl.DataFrame([
    ...     {**asked, **reply, "probabilities": [1.0, 0.0, 0.0, 0.0]},
    ...     {**asked, **reply, "probabilities": [0.5, 0.5, 0.0, 0.0]},
    ... ])
    >>> model_distributions(replies, QuestionBank.load())["probabilities"].to_list()
    [[0.75, 0.25, 0.0, 0.0]]
    """
    scale = _scale_frame(bank)
    replies = replies.with_columns(
        pl.lit(value).alias(name) for name, value in _USUAL.items() if name not in replies.columns
    )
    known = pl.col("question").is_in(scale["question"].unique().implode())
    usable = replies.filter(pl.col("status") == "ok", known).with_row_index("reply")
    usable = usable.with_columns(form=pl.concat_str(FORM_KEYS, separator="/"))
    _reject_bad_replies(usable, bank)
    asked = [*MODEL_KEYS, *by]
    draws = pl.col("n_draws").fill_null(1) if "n_draws" in usable.columns else pl.lit(1)
    keys = [*asked, "question"]
    within = [*keys, "form"]
    bounds = _bounds(usable)
    averaged = pl.col(*bounds, "mass").mean(), pl.sum("n_replies"), pl.len().alias("n_forms")
    shown = ["codes", "probabilities", *bounds]
    masses = (
        usable.with_columns(pl.coalesce(name, "probabilities").alias(name) for name in bounds)
        .select(*within, *shown, draws.alias("n_draws").cast(pl.UInt32))
        .explode(shown)
        .group_by([*within, "codes"], maintain_order=True)
        .agg(
            pl.col(bounds).dot("n_draws") / pl.col("n_draws").sum(),
            mass=pl.col("probabilities").dot("n_draws") / pl.col("n_draws").sum(),
            n_replies=pl.col("n_draws").sum(),
        )
        .group_by([*keys, "codes"], maintain_order=True)
        .agg(*averaged, forms="mass", form_names="form")
        .join(scale, left_on=["question", "codes"], right_on=["question", "code"])
    )
    on_mass = pl.col("mass").filter("on_scale").sum().over(keys)
    return (
        masses.with_columns(*_of_those_on_the_scale(bounds, keys))
        .with_columns(
            probability=pl.col("mass") / on_mass,
            off_scale_mass=1.0 - on_mass / pl.col("mass").sum().over(keys),
            on_mass=on_mass,
        )
        .filter(pl.col("on_scale") & (pl.col("on_mass") > 0))
        .sort(*asked, "item", "rank")
        .group_by(keys, maintain_order=True)
        .agg(
            pl.col("codes"),
            pl.col("probability").alias("probabilities"),
            pl.col("off_scale_mass").first(),
            pl.col("n_replies", "n_forms", "form_names").first(),
            pl.col("forms", *bounds),
        )
        .join(_drawn(usable, keys, within), on=keys, how="left", maintain_order="left")
    )


def _drawn(usable: pl.DataFrame, keys: list[str], within: list[str]) -> pl.DataFrame:
    """Count whole distributions as draws: `n_drawn`, for the keys that have several of a form."""
    whole = usable.filter(pl.len().over(within) > 1, pl.col("elicitation") != "sampling")
    apart = ((pl.col("probabilities") - pl.col("probabilities").mean()) ** 2).sum()
    noise = apart / pl.len().cast(pl.Float64) ** 2
    room = 1 - (pl.col("mean") ** 2).sum()
    return (
        whole.select(*within, "codes", "probabilities")
        .explode("codes", "probabilities")
        .group_by([*within, "codes"])
        .agg(noise=noise, mean=pl.col("probabilities").mean())
        .group_by([*keys, "codes"])
        .agg(pl.col("mean").mean(), noise=pl.col("noise").sum() / pl.len().cast(pl.Float64) ** 2)
        .group_by(keys)
        .agg(n_drawn=pl.min_horizontal(room / pl.col("noise").sum(), _MOST_DRAWN))
        .with_columns(pl.col("n_drawn").fill_nan(_MOST_DRAWN))
    )


def _bounds(replies: pl.DataFrame) -> list[str]:
    """Return the columns of bounds, where some replies have any."""
    names = (name for name in ("lower", "upper") if name in replies.columns)
    return [name for name in names if replies[name].null_count() < replies.height]


def _of_those_on_the_scale(bounds: Sequence[str], keys: Sequence[str]) -> list[pl.Expr]:
    """Bound each share as a part of those on the scale: the others are where that is worst."""
    if not bounds:
        return []
    off = (pl.when("on_scale").then(0.0).otherwise(name).sum().over(keys) for name in bounds)
    least, most = (1.0 - one for one in off)
    return [
        (pl.col("lower") / least).clip(0.0, 1.0).fill_nan(0.0),
        pl.when(most > 0).then(pl.col("upper") / most).otherwise(1.0).clip(0.0, 1.0),
    ]


def _scale_frame(bank: HasItems) -> pl.DataFrame:
    """Make a frame of all scales, one row an option: `question, item, code, rank, on_scale`."""
    return pl.DataFrame(
        [
            (name, number, code, rank, rank < len(item.scale.codes))
            for number, (name, item) in enumerate(bank.items.items())
            for rank, code in enumerate(item.known_codes)
        ],
        schema={
            "question": pl.String,
            **dict.fromkeys(("item", "code", "rank"), pl.Int64),
            "on_scale": pl.Boolean,
        },
        orient="row",
    )


def _reject_unknown_codes(answers: pl.DataFrame, bank: HasItems) -> None:
    unknown = answers.filter(pl.col("rank").is_null() & (pl.col("code") >= 0))
    if unknown.is_empty():
        return
    row = unknown.row(0, named=True)
    options = ", ".join(str(code) for code in bank.items[row["question"]].scale.all_codes)
    raise SurveyError(
        f"{row['question']} in {row['country']}, wave {row['wave']}: code {row['code']} is not "
        f"an option of the item ({options}); give missing answers a code below 0"
    )


def _reject_bad_replies(usable: pl.DataFrame, bank: HasItems) -> None:
    options = pl.DataFrame(
        {
            "question": list(bank.items),
            "expected": [list(item.scale.all_codes) for item in bank.items.values()],
            "known": [list(item.known_codes) for item in bank.items.values()],
        },
        schema=dict.fromkeys(("expected", "known"), pl.List(pl.Int64)) | {"question": pl.String},
    )
    checked = usable.join(options, on="question", maintain_order="left").with_columns(
        # Some recordings and older runs show an answer that the survey never read out.
        same_codes=(pl.col("codes") == pl.col("expected")) | (pl.col("codes") == pl.col("known")),
        shares=(pl.col("probabilities").list.len() == pl.col("codes").list.len())
        & (pl.col("probabilities").list.min() >= 0)
        & ((pl.col("probabilities").list.sum() - 1).abs() <= 1e-6),
    )
    bad = checked.filter(~(pl.col("same_codes") & pl.col("shares")).fill_null(value=False))
    if bad.is_empty():
        return
    row = bad.row(0, named=True)
    if row["same_codes"]:
        fault = f"its probabilities {row['probabilities']} are not shares that sum to 1"
    else:
        fault = f"its codes {row['codes']} are not the item's {row['expected']}"
    raise InvalidDistributionError(
        f"reply {row['request_key']} to {row['question']}: {fault}; ask again with this bank",
        row=row["reply"],
    )

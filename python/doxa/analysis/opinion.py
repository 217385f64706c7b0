"""Replies that are no opinion: what in them does not come from what was asked."""

from __future__ import annotations

import random
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import polars as pl

from doxa.analysis.parts.item_scores import average_items
from doxa.analysis.parts.notes import finish
from doxa.analysis.parts.places import option_places
from doxa.analysis.parts.settings import DEFAULTS
from doxa.analysis.parts.wilson import WILSON, clustered_shares
from doxa.distribution import FORM_KEYS
from doxa.outside.documents import json_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from doxa.analysis.parts.settings import Settings
    from doxa.questionnaire import QuestionBank

__all__ = ["MEASURES", "WAY", "opinion_measures"]

WAY: Final = ("model", "elicitation", "language", "steering", "reasoning")
"""The columns that name a way of asking, for all that is said of replies."""

ALL: Final = 0.995
"""The share of one option from which a reply has all its mass on it: 100 % when rounded."""

MEASURES: Final = (
    "all on one option", "favourite in one place", "copies of an example", "same shares",
    "gain when shown first", "gain when shown last", "holds when reordered",
)  # fmt: skip

_COUNTED: Final = ("sampling", "sequence")
"""Elicitations whose shares are counts of single answers."""
_LEAST_ANSWERS: Final = 5
_LEAST_ITEMS: Final = 3
_MOST_OPTIONS: Final = 64
_ASKED: Final = ("target", "group", *FORM_KEYS)
_TIE: Final = 1e-9
_OBJECT: Final = re.compile(r"\{[^{}]*\}")
_SHARE: Final = re.compile(r"\((\d{1,3})%\)$", re.MULTILINE)
_BESIDE: Final = re.compile(r"(?:^.*\(\d{1,3}%\)(?:\n|\Z))+", re.MULTILINE)

_NOTHING: Final = "no usable reply"
_ONE_ORDER: Final = "no item in two orders of its options: position cannot be told from opinion"
_NO_SHARES: Final = "this elicitation states no percentages to copy"
_NO_EXAMPLES: Final = "no example shown, or not known which"
_FEW_ALIKE: Final = "fewer than three items with as many options"


def opinion_measures(
    replies: pl.DataFrame,
    bank: QuestionBank,
    prompts: pl.DataFrame | None = None,
    *,
    settings: Settings = DEFAULTS,
) -> pl.DataFrame:
    """Measure how far replies follow something other than the question.

    Parameters
    ----------
    replies : polars.DataFrame
        As `doxa.store.Store.replies` gives them. Those that are "ok" count; where an item was asked
        several times in the same form, their average counts as one reply. Of answers drawn one by
        one, a reply is the shares of five or more of them.
    bank : QuestionBank
        The items, with their scales and orders.
    prompts : polars.DataFrame, optional
        `request_key` and `system`, the text with the examples.
    settings : Settings
        Replicates, confidence and seed; items are resampled.

    Returns
    -------
    polars.DataFrame
        Seven rows per way of asking: `WAY`, `measure`, `estimate`, `low`, `high`, `n` (replies),
        `n_items`, `resampled`, `note`. ``docs/reference/analysis.md`` defines each measure.
    """
    usable = replies.filter(pl.col("status") == "ok", pl.col("question").is_in(list(bank.items)))
    rows, cells = _numbered_cells(usable)
    places = _places(cells, bank)
    options = _options(rows, cells, places)
    cells = cells.join(_summaries(options), on="cell")
    everyone = replies.select(WAY).unique(maintain_order=True)
    placed, in_place = _placed(cells)
    shares = {
        MEASURES[0]: (cells, pl.col("top") >= ALL, pl.lit(_NOTHING)),
        MEASURES[1]: (placed, in_place, pl.lit(_NOTHING)),
        MEASURES[2]: (_copied(rows, places, prompts), pl.col("copied"), _copies_said()),
        MEASURES[3]: (*_same(cells), pl.lit(_FEW_ALIKE)),
    }
    tables = [
        _filled(clustered_shares(frame, hit, WAY, settings.confidence), everyone, measure, said)
        for measure, (frame, hit, said) in shares.items()
    ]
    which = placed.select(*WAY, "which").unique()
    tables[1] = tables[1].join(which, on=WAY, how="left").with_columns(
        note=pl.coalesce("which", "note")
    ).drop("which")  # fmt: skip
    orders = _by_order(options, cells)
    tables += [
        _filled(_averaged(frame, cells, settings), everyone, measure, pl.lit(_ONE_ORDER))
        for measure, frame in (
            (MEASURES[4], _gains(orders, "first")),
            (MEASURES[5], _gains(orders, "last")),
            (MEASURES[6], _agreement(orders)),
        )
    ]
    order = {name: number for number, name in enumerate(MEASURES)}
    return pl.concat(tables).sort(*WAY, pl.col("measure").replace_strict(order))


def _filled(
    table: pl.DataFrame, everyone: pl.DataFrame, measure: str, why: pl.Expr
) -> pl.DataFrame:
    """Give every way of asking a row; say why one has no number."""
    nothing = pl.col("estimate").is_null()
    if "resampled" not in table.columns:
        table = table.with_columns(resampled=pl.lit(WILSON))
    return everyone.join(table, on=WAY, how="left").select(
        *WAY,
        pl.lit(measure).alias("measure"),
        "estimate",
        "low",
        "high",
        pl.col("n", "n_items").cast(pl.Int64).fill_null(0),
        pl.col("resampled").fill_null(""),
        note=pl.when(nothing).then(why).otherwise(pl.lit("")),
    )


def _numbered(frame: pl.DataFrame, keys: Sequence[str], name: str) -> pl.DataFrame:
    """Give what rows have in common a number: grouping by ten texts would be slow."""
    distinct = frame.select(keys).unique(maintain_order=True).with_row_index(name)
    return frame.join(distinct, on=keys, nulls_equal=True, maintain_order="left")


def _numbered_cells(usable: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Give replies in the same form, and what forms have in common, a number."""
    form = [name for name in _ASKED if name in usable.columns]
    whose = [name for name in ("target", "group") if name in form]
    draws = pl.col("n_draws").fill_null(1) if "n_draws" in usable.columns else pl.lit(1)
    key = pl.col("request_key") if "request_key" in usable.columns else pl.lit("")
    rows = _numbered(usable, [*WAY, *form, "question"], "cell").select(
        "cell",
        key.alias("request_key"),
        "codes",
        "probabilities",
        *WAY,
        *form,
        "question",
        drawn=draws,
    )
    cells = rows.group_by("cell", maintain_order=True).agg(
        pl.col(*WAY, *form, "question").first(), pl.col("drawn").sum()
    )
    few = pl.col("elicitation").is_in(_COUNTED) & (pl.col("drawn") < _LEAST_ANSWERS)
    cells = _numbered(cells.filter(~few), ["question", "option_order"], "pair")
    cells = _numbered(_numbered(cells, WAY, "way"), [*WAY, *whose, "question"], "asked")
    rows = rows.select("cell", "request_key", "codes", "probabilities", "drawn").join(
        cells.select("cell", "pair", *WAY, "question"), on="cell"
    )
    return rows, cells


def _places(cells: pl.DataFrame, bank: QuestionBank) -> pl.DataFrame:
    """Say where each option of each pair of item and order stood, and what it weighs in a mark.

    A mark is one number for the percentages of a reply: the sum of each times the weight of its
    place, or of its option's rank.
    """
    pairs = cells.select("pair", "question", "option_order").unique("pair")
    places = option_places(pairs, bank).join(pairs, on=["question", "option_order"])
    rank = pl.col("codes").rank("ordinal").over("pair").cast(pl.Int64) - 1
    weights = pl.Series([random.Random(place).getrandbits(50) for place in range(_MOST_OPTIONS)])
    return places.select(
        "pair", "codes", "place", "n_shown", "on_scale", "first", "last",
        by_place=pl.lit(weights).gather(pl.col("place")),
        by_code=pl.lit(weights).gather(rank),
    )  # fmt: skip


def _options(rows: pl.DataFrame, cells: pl.DataFrame, places: pl.DataFrame) -> pl.DataFrame:
    """Average replies in the same form: one row an option, with its share and its place."""
    options = rows.select("cell", "pair", "codes", "probabilities", "drawn").explode(
        "codes", "probabilities"
    )
    if rows.height > cells.height:
        weight = pl.col("drawn").cast(pl.Float64)
        options = options.group_by("cell", "pair", "codes", maintain_order=True).agg(
            probabilities=(pl.col("probabilities") * weight).sum() / weight.sum()
        )
    return options.join(places, on=["pair", "codes"], maintain_order="left").select(
        pl.exclude("probabilities", "pair"), share="probabilities"
    )


def _summaries(options: pl.DataFrame) -> pl.DataFrame:
    """Give one row a reply: its largest share, where that stands, and the marks of its shares."""
    share = pl.col("share")
    top = share == share.max()
    percent = (100 * share).round(0).cast(pl.Int64)
    return options.group_by("cell").agg(
        pl.col("n_shown").first(),
        top=share.max(),
        alone=(share >= share.max() - _TIE).sum() == 1,
        place=pl.col("place").filter(top).first(),
        at_last=pl.col("last").filter(top).first(),
        by_place=(percent * pl.col("by_place")).sum(),
        by_code=(percent * pl.col("by_code")).sum(),
    )


def _placed(cells: pl.DataFrame) -> tuple[pl.DataFrame, pl.Expr]:
    """Find the place, from the first or the last one, where most favourites stand."""
    alone = cells.filter("alone")
    first = (
        alone.group_by(*WAY, "place")
        .len()
        .sort("len", "place", descending=[True, False])
        .group_by(WAY, maintain_order=True)
        .first()
    )
    last = alone.group_by(WAY).agg(at_end=pl.col("at_last").sum())
    commonest = first.join(last, on=WAY).with_columns(end=pl.col("at_end") > pl.col("len"))
    number = (pl.col("place") + 1).cast(pl.String)
    which = (
        pl.when("end").then(pl.lit("the last option"))
        .when(pl.col("place") == 0).then(pl.lit("the first option"))
        .otherwise(pl.format("option {}", number))
    )  # fmt: skip
    found = commonest.select(*WAY, "end", which=which, of="place")
    there = pl.when("end").then("at_last").otherwise(pl.col("place") == pl.col("of"))
    return cells.join(found, on=WAY), pl.col("alone") & there


def _same(cells: pl.DataFrame) -> tuple[pl.DataFrame, pl.Expr]:
    """Mark the replies that have the shares most often given with as many options."""
    alike = ["way", "n_shown"]
    several = cells.filter(pl.col("question").n_unique().over(alike) >= _LEAST_ITEMS)
    marks = []
    for name in ("by_place", "by_code"):
        count = pl.len().over([*alike, name])
        commonest = pl.col(name).sort_by(count, name, descending=[True, False]).first().over(alike)
        # all on one option is a measure of its own, and leaves few shares to differ in
        marks.append(((pl.col(name) == commonest) & (pl.col("top") < ALL)).alias(f"is_{name}"))
    marked = several.with_columns(marks)
    places, codes = (pl.col(f"is_{name}").sum().over("way") for name in ("by_place", "by_code"))
    return marked, pl.when(places >= codes).then("is_by_place").otherwise("is_by_code")


def _copied(rows: pl.DataFrame, places: pl.DataFrame, prompts: pl.DataFrame | None) -> pl.DataFrame:
    """Mark the replies of three options or more whose percentages an example showed."""
    stated = rows.filter(
        pl.col("elicitation") == "verbalized", pl.col("codes").list.len() >= _LEAST_ITEMS
    ).with_row_index("reply")
    if prompts is None or stated.is_empty():
        return stated.clear().with_columns(copied=pl.lit(value=True))
    systems = _numbered(prompts.unique("request_key"), ["system"], "text")
    texts = systems.select("text", "system").unique("text")
    weights = dict(places.select("place", "by_place").unique().iter_rows())
    shown = pl.DataFrame(
        [
            (number, sum(n * weights.get(place, 0) for place, n in enumerate(percentages)))
            for number, text in texts.iter_rows()
            for percentages in shown_percentages(text or "")
        ],
        schema={"text": pl.UInt32, "mark": pl.Int64},
        orient="row",
    )
    keyed = stated.join(systems.select("request_key", "text"), on="request_key")
    keyed = keyed.join(shown.select("text").unique(), on="text", how="semi")
    percent = (100 * pl.col("probabilities")).round(0).cast(pl.Int64)
    marks = (
        keyed.select("reply", "text", "pair", "codes", "probabilities")
        .explode("codes", "probabilities")
        .join(places, on=["pair", "codes"])
        .group_by("reply", "text")
        .agg(mark=(percent * pl.col("by_place")).sum())
    )
    copies = marks.join(shown, on=["text", "mark"], how="semi")["reply"]
    return keyed.with_columns(copied=pl.col("reply").is_in(copies.implode()))


def shown_percentages(system: str) -> set[tuple[int, ...]]:
    r"""Find the percentages that the examples in a prompt show, in the order shown.

    Returns
    -------
    set of tuple of int
        Those of each example of three options or more that add up to 100: a reply in JSON, or
        people's shares beside the options.

    Examples
    --------
    >>> shown_percentages('Answer: {"1": 20, "2": 70, "3": 10, "4": 0} …')
    {(20, 70, 10, 0)}
    >>> shown_percentages("1: Yes (50%)\n2: No (30%)\n3: Perhaps (20%)")
    {(50, 30, 20)}
    """
    found = [[int(number) for number in _SHARE.findall(lines)] for lines in _BESIDE.findall(system)]
    for text in _OBJECT.findall(system):
        with suppress(ValueError):
            values = [*json_of(text).values()]
            if all(isinstance(value, int | float) for value in values):
                found.append([round(value) for value in values])
    return {tuple(one) for one in found if len(one) >= _LEAST_ITEMS and sum(one) == 100}


def _copies_said() -> pl.Expr:
    states = pl.col("elicitation") == "verbalized"
    return pl.when(states).then(pl.lit(_NO_EXAMPLES)).otherwise(pl.lit(_NO_SHARES))


def _by_order(options: pl.DataFrame, cells: pl.DataFrame) -> pl.DataFrame:
    """Average the shares of each option over everything but the order of the options."""
    orders = pl.col("option_order").n_unique().over("asked")
    several = cells.filter(orders > 1).select("cell", "asked", "way", "pair")
    return (
        options.join(several, on="cell", maintain_order="left_right")
        .group_by("asked", "pair", "codes", maintain_order=True)
        .agg(
            pl.col("share").mean(),
            pl.col("way", "place", "n_shown", "on_scale", "first", "last").first(),
        )
    )


def _gains(orders: pl.DataFrame, place: str) -> pl.DataFrame:
    """Give how much more an option gets in a place than elsewhere: `asked`, `value`."""
    share, there = pl.col("share"), pl.col(place)
    return (
        orders.filter("on_scale")
        .group_by("asked", "codes", maintain_order=True)
        .agg(gain=share.filter(there).mean() - share.filter(~there).mean())
        .group_by("asked", maintain_order=True)
        .agg(value=pl.col("gain").mean())
        .drop_nulls("value")
    )


def _agreement(orders: pl.DataFrame) -> pl.DataFrame:
    """Give the parts of the share of what sets items apart that holds in another order.

    What a place gets whatever is asked is taken away first: the mean, over the other items with as
    many options, of the share in that place.
    """
    alike = ["way", "n_shown", "place"]
    share, n = pl.col("share"), pl.len()
    sums = orders.group_by(alike).agg(total=share.sum(), n=n, items=pl.col("asked").n_unique())
    own = orders.group_by(*alike, "asked").agg(own=share.sum(), n_own=n)
    others = (pl.col("total") - pl.col("own")) / (pl.col("n") - pl.col("n_own"))
    apart = (
        orders.join(sums, on=alike, maintain_order="left")
        .filter(pl.col("items") >= _LEAST_ITEMS)
        .join(own, on=[*alike, "asked"], maintain_order="left")
        .with_columns(apart=share - others)
    )
    left = pl.col("apart")
    pairs = (
        apart.group_by("way", "asked", "codes", maintain_order=True)
        .agg(
            both=(left.sum() ** 2 - (left**2).sum()) / (n * (n - 1)).cast(pl.Float64),
            each=(left**2).mean(),
        )
        .group_by("way", "asked", maintain_order=True)
        .agg(pl.col("both", "each").sum())
    )
    each = pl.col("each").mean().over("way")
    ratio = pl.col("both").mean().over("way") / each
    return pairs.filter(each > _TIE).select(
        "asked", value=ratio + (pl.col("both") - ratio * pl.col("each")) / each
    )


def _averaged(values: pl.DataFrame, cells: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """Average `value` by way of asking, and draw the items again."""
    asked = cells.select("asked", *WAY, "question").unique("asked")
    items = values.join(asked, on="asked", maintain_order="left")
    if items.is_empty():
        floats = dict.fromkeys(("estimate", "low", "high"), pl.Float64)
        numbers = {"n": pl.Int64, "n_items": pl.Int64, "resampled": pl.String}
        return pl.DataFrame(schema={**dict.fromkeys(WAY, pl.String), **floats, **numbers})
    batch = average_items(items.select("value"), items, WAY, settings)
    n_items = items.group_by(WAY, maintain_order=True).agg(n_items=pl.col("question").n_unique())
    table = batch.groups.with_columns(n_items=n_items["n_items"].cast(pl.Int64))
    return finish(table).select(*WAY, "estimate", "low", "high", "n", "n_items", "resampled")

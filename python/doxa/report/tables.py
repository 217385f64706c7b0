"""What the report's frames have in common: conditions and their names, columns, order."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from doxa.prompt import OFF
from doxa.prompt.condition import parse_reasoning
from doxa.report.words import (
    BESIDE,
    STATUS_NAMES,
    STEERINGS,
    THOUGHT_NAMES,
    in_table_order,
    reasoning_name,
    short_condition_name,
    steering_name,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from doxa.report.words import Names

__all__ = [
    "ALIGNMENT_COLUMNS",
    "CONDITION_KEYS",
    "MOST_ROWS",
    "STEERING_COLUMNS",
    "WAVE_COLUMNS",
    "ChartRow",
    "ShownCondition",
    "columns",
    "conditions_of",
    "country_of",
    "drawn_effects",
    "in_order",
    "keys_of",
    "reliability_table",
    "told_apart",
    "ways_of",
    "with_condition",
    "with_others",
]

MOST_ROWS: Final = 24
"""With more conditions, those that differ only in their target share a row of charts."""

CONDITION_KEYS: Final = ("steering", "language", "target", "group", "reasoning")
ALIGNMENT_COLUMNS: Final = (
    "model", "elicitation", *CONDITION_KEYS, "country", "wave", "n_items",
    "estimate", "low", "high", "ceiling", "baseline", "gap", "gap_low", "gap_high", "verdict",
    "uniform", "normalised", "normalised_low", "normalised_high", "rank", "rank_low", "rank_high",
)  # fmt: skip
WAVE_COLUMNS: Final = (
    "model", "elicitation", *CONDITION_KEYS, "country", "wave", "n_items",
    "estimate", "low", "high",
)  # fmt: skip
STEERING_COLUMNS: Final = (
    "model", "elicitation", *CONDITION_KEYS, "country", "wave", "n_items",
    "estimate", "low", "high", "p_adjusted",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ShownCondition:
    """Describe one way of asking, with its names on the page.

    Parameters
    ----------
    steering, language, target, group, reasoning : str
        The keys, as in the frames.
    kind : str
        The kind of its steering, one of `doxa.report.words.STEERINGS`.
    label, short : str
        Its name in words, and a short form of it.
    steering_label : str
        The steering's name in words.
    way : int
        The row of charts that it belongs to: its position among `ways_of`.
    """

    steering: str
    language: str
    target: str
    group: str
    reasoning: str
    kind: str
    label: str
    short: str
    steering_label: str
    way: int = 0


@dataclass(frozen=True, slots=True)
class ChartRow:
    """Describe a row of charts: one condition, or one steering towards each country in turn."""

    kind: str
    label: str
    short: str


def conditions_of(frames: Sequence[pl.DataFrame], names: Names) -> tuple[ShownCondition, ...]:
    """List the conditions that occur in frames, unsteered first.

    Parameters
    ----------
    frames : sequence of polars.DataFrame
        Frames with the columns `steering`, `language`, `target`, `group` and `reasoning`.
    names : Names
        What countries and languages are called.

    Returns
    -------
    tuple of ShownCondition
        By steering, group, reasoning, target and language. The reasoning is named only where some
        think.
    """
    keys = pl.concat([frame.select(CONDITION_KEYS) for frame in frames]).unique()
    thinks = (keys["reasoning"] != OFF).any()
    conditions = []
    for steering, language, target, group, reasoning in keys.iter_rows():
        suffix = short_suffix = f" · {group}" if group else ""
        if thinks:
            suffix += f" · {reasoning_name(reasoning)}"
            short_suffix += f" · thinking {reasoning}"
        conditions.append(
            ShownCondition(
                steering=steering,
                language=language,
                target=target,
                group=group,
                reasoning=reasoning,
                kind=steering if steering in STEERINGS else STEERINGS[-1],
                label=names.condition(steering, language, target) + suffix,
                short=short_condition_name(steering, language, target) + short_suffix,
                steering_label=steering_name(steering) + suffix,
            )
        )
    conditions.sort(
        key=lambda c: (
            STEERINGS.index(c.kind), c.steering, c.group, parse_reasoning(c.reasoning), c.target,
            _language_rank(c.language),
        )
    )  # fmt: skip
    row_keys = _row_keys(conditions)
    position = {key: number for number, key in enumerate(dict.fromkeys(row_keys))}
    return tuple(
        replace(condition, way=position[key])
        for condition, key in zip(conditions, row_keys, strict=True)
    )


def _language_rank(language: str) -> tuple[bool, str]:
    """Put English first."""
    return language != "en", language


def _row_keys(conditions: Sequence[ShownCondition]) -> list[tuple[str, ...]]:
    """Give equal keys to the conditions that share a row of charts."""
    if len(conditions) <= MOST_ROWS:
        return [(*_way_of(c), c.language, c.target) for c in conditions]
    targets = Counter((_way_of(c), c.target) for c in conditions)
    in_several = {way for (way, _), n in targets.items() if n > 1}
    return [
        (*_way_of(c), c.language) if not c.target or _way_of(c) in in_several else _way_of(c)
        for c in conditions
    ]


def _way_of(condition: ShownCondition) -> tuple[str, ...]:
    return condition.steering, condition.group, condition.reasoning


def ways_of(conditions: Sequence[ShownCondition], names: Names) -> tuple[ChartRow, ...]:
    """List the rows of charts.

    Each condition has its own row, up to `MOST_ROWS` conditions. With more, conditions that differ
    only in their target share a row, which shows each country under the steering that names it.
    If each target was asked in one language only, different languages share a row too.
    """
    members: dict[int, list[ShownCondition]] = {}
    for condition in conditions:
        members.setdefault(condition.way, []).append(condition)
    return tuple(_way(group, names) for group in members.values())


def _way(group: Sequence[ShownCondition], names: Names) -> ChartRow:
    first = group[0]
    if len(group) == 1:
        return ChartRow(first.kind, first.label, first.short)
    if len({condition.language for condition in group}) > 1:
        label = f"{first.steering_label} · one language a country"
        return ChartRow(first.kind, label, first.steering_label)
    label = f"{first.steering_label} · {names.language(first.language)}"
    return ChartRow(first.kind, label, f"{first.steering_label} · {first.language}")


def keys_of(conditions: Sequence[ShownCondition]) -> pl.DataFrame:
    """List the keys of conditions, a row for each."""
    rows = [tuple(getattr(c, name) for name in CONDITION_KEYS) for c in conditions]
    return pl.DataFrame(rows, schema=dict.fromkeys(CONDITION_KEYS, pl.String), orient="row")


def with_condition(frame: pl.DataFrame, conditions: Sequence[ShownCondition]) -> pl.DataFrame:
    """Replace the condition's keys by `condition`, its position among the conditions."""
    position = pl.int_range(len(conditions), dtype=pl.Int64).alias("condition")
    index = keys_of(conditions).with_columns(position)
    joined = frame.join(index, on=CONDITION_KEYS, how="left", maintain_order="left")
    return joined.drop(CONDITION_KEYS)


def with_others(
    conditions: Sequence[ShownCondition], tables: Iterable[pl.DataFrame], names: Names
) -> tuple[ShownCondition, ...]:
    """Add the conditions that only tables have, such as every country asked in its own language.

    They follow the others, each in a row of charts of its own.
    """
    known = {tuple(getattr(c, key) for key in CONDITION_KEYS) for c in conditions}
    keyed = [table.select(CONDITION_KEYS) for table in tables if _has_keys(table)]
    rows = {key for frame in keyed for key in frame.unique().iter_rows()} - known
    new = pl.DataFrame(sorted(rows), dict.fromkeys(CONDITION_KEYS, pl.String), orient="row")
    first = 1 + max(condition.way for condition in conditions)
    others = conditions_of([new], names) if rows else ()
    return (*conditions, *(replace(c, way=first + number) for number, c in enumerate(others)))


def _has_keys(table: pl.DataFrame) -> bool:
    return {*CONDITION_KEYS} <= {*table.columns}


def in_order(
    frame: pl.DataFrame, conditions: Sequence[ShownCondition], names: Names
) -> pl.DataFrame:
    """Sort rows by model, elicitation, wave, condition and the country's name."""
    elicitations = in_table_order(frame["elicitation"])
    rank = pl.col("elicitation").replace_strict(
        elicitations, range(len(elicitations)), return_dtype=pl.Int64
    )
    country = pl.col("country").replace({code: names.country(code) for code in frame["country"]})
    position = with_condition(frame, conditions)["condition"]
    return (
        frame.with_columns(position)
        .sort("model", rank, "wave", "condition", country)
        .drop("condition")
    )


def drawn_effects(effects: pl.DataFrame) -> pl.DataFrame:
    """Keep one effect of each condition: that of its steering or, without one, that of thinking.

    What thinking changes where the model is steered too is in the table alone.
    """
    thinking = pl.col("reasoning") != pl.col("reference_reasoning")
    return effects.filter(~thinking | (pl.col("steering") == "none"))


def told_apart(frame: pl.DataFrame, groups: Sequence[str]) -> pl.DataFrame:
    """Name each group of a country beside it in the column `country`.

    Parameters
    ----------
    frame : polars.DataFrame
        With the columns `country` and `groups`.
    groups : sequence of str
        The columns that tell the populations of a country apart; null for the whole country.

    Examples
    --------
    >>> frame = pl.DataFrame({"country": ["JPN", "JPN"], "sex": ["female", None]})
    >>> told_apart(frame, ["sex"])["country"].to_list()
    ['JPN · female', 'JPN']
    """
    named = pl.concat_str("country", *groups, separator=BESIDE, ignore_nulls=True)
    return frame.with_columns(country=named)


def country_of() -> pl.Expr:
    """Select the country of a population that `told_apart` named."""
    return pl.col("country").str.split(BESIDE).list.first()


def columns(frame: pl.DataFrame) -> dict[str, list[Any]]:
    """Turn a frame into a mapping of column name to values, floats to five decimals.

    Examples
    --------
    >>> columns(pl.DataFrame({"x": [0.123456, float("nan")], "y": ["a", None]}))
    {'x': [0.12346, None], 'y': ['a', None]}
    """
    rounded = frame.with_columns(
        pl.selectors.float().fill_nan(None).round(5),
        pl.selectors.by_dtype(pl.List(pl.Float64)).list.eval(pl.element().fill_nan(None).round(5)),
    )
    return rounded.to_dict(as_series=False)


def reliability_table(replies: pl.DataFrame) -> pl.DataFrame:
    """Count the replies by status.

    Parameters
    ----------
    replies : polars.DataFrame
        Replies as `doxa.store.Store.replies` gives them.

    Returns
    -------
    polars.DataFrame
        One row per model, elicitation and condition: these keys; `n` (replies); one column per
        status with its number of replies, and one per way in which a thought ends; and
        `off_option_mass` (mean over usable replies, in [0, 1], null where it was not measured).
    """
    keys = ["model", "elicitation", *CONDITION_KEYS]
    return (
        replies.group_by(keys)
        .agg(
            pl.len().alias("n"),
            *[(pl.col("status") == status).sum().alias(status) for status in STATUS_NAMES],
            *[(pl.col("thought_status") == end).sum().alias(end) for end in THOUGHT_NAMES],
            pl.col("off_option_mass").filter(pl.col("status") == "ok").mean(),
        )
        .sort(keys)
    )

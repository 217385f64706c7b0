"""What human counts hold: a map of countries and waves, with items, respondents and groups."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Final

import polars as pl

from doxa.survey.counts import COUNT_COLUMNS
from doxa.survey.source import open_source
from doxa.survey.weight_effects import weight_effects

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["holdings", "holdings_lines", "holds_counts"]

_POPULATION: Final = ("survey", "wave", "country")
_MARKS: Final = frozenset({"wave", "country", "question", "code"})
_COUNT_FILES: Final = (".csv", ".parquet")
_WIDTH: Final = 80


def holds_counts(path: Path) -> bool:
    """Tell whether a path is a folder, or a file of human counts."""
    if path.is_dir():
        return True
    if path.suffix.lower() not in _COUNT_FILES:
        return False
    with open_source(path) as source:
        return source.headers.keys() >= _MARKS


def holdings(counts: pl.DataFrame) -> pl.DataFrame:
    """Count what human counts hold, by country and wave.

    Parameters
    ----------
    counts : polars.DataFrame
        Human counts, as `doxa.survey.read_counts` gives them.

    Returns
    -------
    polars.DataFrame
        `survey`, `wave`, `country`, `items`, `published_items` (of which shares are known, not
        counts), `unweighted_items`, `respondents` (Float64; those counted at the item with most,
        or the size of the sample behind published shares; null where neither is known),
        `sources` (List(String)), `groups` (Struct: for each grouping its groups, List(String);
        absent without groupings), and what weights do, as `doxa.survey.weight_effects` gives it:
        `compared_items`, `mean_change`, `largest_change`.

    Examples
    --------
    >>> from doxa.survey import world
    >>> held = holdings(world(wave=7)).filter(country="BGD")
    >>> held.select("items", "published_items", "respondents").row(0)
    (144, 0, 1200.0)
    """
    groups = [name for name in counts.columns if name not in COUNT_COLUMNS]
    together = counts.group_by(*_POPULATION, "question", "code").agg(
        # a sum of nulls is 0: shares have no counts
        *(
            pl.when(pl.col(name).count() > 0).then(pl.col(name).sum()).alias(name)
            for name in ("n", "weighted_n")
        ),
        pl.col("share", "share_unweighted", "weighted", "source", "respondents").first(),
    )
    asked = together.group_by(*_POPULATION, "question").agg(
        pl.when(pl.col("n").count() > 0).then(pl.col("n").sum()).alias("n"),
        pl.col("respondents", "source").first(),
        published=pl.col("share").is_not_null().any(),
        unweighted=(~pl.col("weighted")).any(),
    )
    held = asked.group_by(_POPULATION).agg(
        items=pl.len(),
        published_items=pl.col("published").sum(),
        unweighted_items=pl.col("unweighted").sum(),
        respondents=pl.coalesce("n", "respondents").max(),
        sources=pl.col("source").drop_nulls().unique().sort(),
    )
    if groups:
        listed = counts.group_by(_POPULATION).agg(
            pl.col(name).drop_nulls().unique().sort() for name in groups
        )
        named = listed.select(*_POPULATION, groups=pl.struct(groups))
        held = held.join(named, on=_POPULATION)
    return held.join(weight_effects(together), on=_POPULATION, how="left").sort(_POPULATION)


def holdings_lines(held: pl.DataFrame) -> list[str]:
    """Lay out what counts hold as lines of 80 characters.

    Parameters
    ----------
    held : polars.DataFrame
        As `holdings` gives it.
    """
    sources = held["sources"].explode().drop_nulls().unique().sort().to_list()
    several = held["survey"].n_unique() > 1
    lines = [
        f"{'wave':<5}{'country':<8}{'items':>6}{'respondents':>12}  {'numbers':<10} "
        f"{'weighted':<11}{'weights change':<15}  sources"
    ]
    block = ("", "")
    for row in held.iter_rows(named=True):
        name = (row["survey"] if several else "", _groups(row))
        if name != block:
            block = name
            about = " · ".join(part for part in name if part)
            lines += ["", *textwrap.wrap(about or "no groups", _WIDTH)]
        numbers = [str(sources.index(one) + 1) for one in row["sources"]]
        lines.append(
            f"{row['wave']:<5}{row['country']:<8}{row['items']:>6}{_people(row):>12}  "
            f"{_kind(row):<10} {_weighted(row):<11}{_change(row):<15}  {','.join(numbers)}".rstrip()
        )
    n, countries = held.height, held["country"].n_unique()
    waves = ", ".join(map(str, held["wave"].unique().sort()))
    return [
        *lines,
        "",
        f"{countries} countries, {n} countries × waves (wave {waves})",
        f"respondents  {held['respondents'].sum():,.0f} where known",
        "weights      mean and largest change of a share",
        *(
            line
            for number, one in enumerate(sources, 1)
            for line in textwrap.wrap(
                f"source {number:<5} {one}", _WIDTH, subsequent_indent=" " * 13
            )
        ),
    ]


def _people(row: dict[str, object]) -> str:
    return "?" if row["respondents"] is None else f"{row['respondents']:,.0f}"


def _kind(row: dict[str, object]) -> str:
    items, published = row["items"], row["published_items"]
    return "counts" if not published else "shares" if published == items else "both"


def _weighted(row: dict[str, object]) -> str:
    items, plain = int(str(row["items"])), int(str(row["unweighted_items"]))
    return "yes" if not plain else "no" if plain == items else f"{items - plain} of {items}"


def _change(row: dict[str, object]) -> str:
    if row["mean_change"] is None:
        return ""
    return f"{row['mean_change']:.3f} {row['largest_change']:.3f}"


def _groups(row: dict[str, object]) -> str:
    found = row.get("groups")
    if not isinstance(found, dict):
        return ""
    return "; ".join(f"by {name}: {', '.join(groups)}" for name, groups in found.items() if groups)

"""People's answers of the whole world, as far as doxa ships them."""

from __future__ import annotations

import functools
from importlib.resources import as_file, files
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

import polars as pl

from doxa.files.tables import read_csv, read_parquet
from doxa.survey.counts import check_counts
from doxa.survey.sample import sample
from doxa.survey.weight_effects import weight_effects

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

__all__ = ["SOURCES", "ShippedSource", "source_lines", "world", "world_summary"]

WAVE: Final = 7
_CELL: Final = ("country", "question", "code")


class ShippedSource(NamedTuple):
    """Where shipped numbers come from.

    Attributes
    ----------
    what : str
        What it is, how exact, and whom to name.
    terms : str
        Under which terms; "" stands for the survey's own, `doxa.survey.TERMS`.
    """

    what: str
    terms: str = ""


SOURCES: Final[Mapping[str, ShippedSource]] = MappingProxyType(
    {
        "tabulated": ShippedSource("counts made from the survey's own country files, weighted"),
        "globalopinionqa": ShippedSource(
            "the World Values Survey's part of GlobalOpinionQA, weighted, rounded to 0.1 %: Durmus "
            "et al. (2023), Towards Measuring the Representation of Subjective Global Opinions in "
            "Language Models, arXiv:2306.16388; changed: see ATTRIBUTION.md beside it",
            "CC BY-NC-SA 4.0",
        ),
        "wvs-results-by-country": ShippedSource(
            "the survey's own Results by Country, version 6.0.0, weighted, rounded to 0.1 %"
        ),
        "simllm-culture-dist": ShippedSource(
            "a table made from the survey's file, version 5.0, for SimLLMCultureDist (Cao et al. "
            "2025), unweighted, rounded to 0.01 % or exact"
        ),
        "mena-values": ShippedSource(
            "the MENA-Values benchmark, unweighted, rounded to 0.01 %", "MIT"
        ),
    }
)
"""What the column `source` of the shipped numbers names."""


def source_lines(sources: Iterable[str | None]) -> list[str]:
    """Say what the shipped sources among some are, and their terms, in a line each.

    Parameters
    ----------
    sources : iterable of str or None
        Names as in the column `source`; those that are not in `SOURCES` are passed over.

    Examples
    --------
    >>> source_lines(["mena-values", "my_file.csv"])
    ['mena-values: the MENA-Values benchmark, unweighted, rounded to 0.01 % (terms: MIT)']
    """
    wanted = set(sources)
    return [
        f"{name}: {source.what}" + (f" (terms: {source.terms})" if source.terms else "")
        for name, source in SOURCES.items()
        if name in wanted
    ]


def world(wave: int | None = None) -> pl.DataFrame:
    """Give people's answers of the whole world, as far as doxa ships them.

    Wave 7 has 65 countries and territories: counts of Bangladesh, Colombia, Japan and the United
    States, and published shares of the other 61, for up to 144 items (23 countries have all of
    them, India has 15). Waves 5 and 6 have the counts of `sample`. It is what doxa scores against
    if it is given no other human answers.

    Published shares leave missing answers out and add up to 1. Each cell (country and item) has one
    `source`, and `SOURCES` says what that is:

    ======================  =====  ==========  ==================================================
    source                  cells  weighted    differs from exact shares by
    ======================  =====  ==========  ==================================================
    tabulated                 576  yes         nothing
    globalopinionqa         6,997  yes         0.00025 in the median, at most 0.0012
    wvs-results-by-country    105  yes         as the line above
    simllm-culture-dist     1,149  no          at most 0.00008
    mena-values                44  no          at most 0.00017
    ======================  =====  ==========  ==================================================

    The differences were measured on six countries tabulated directly, each against its own kind,
    weighted or not. `rounding` bounds them from above. In a cell, unweighted shares differ from
    weighted ones by up to 0.045 in these six countries and by up to 0.13 in Cyprus;
    `share_unweighted` has both kinds side by side for 51 countries.

    `respondents` is the size of a country's sample: for 43 countries the largest number of answers
    that an exact fraction gives, a little below the sample; for 18 what is generally stated of the
    survey, not checked against a file. `n`, `weighted_n` and `n_effective` are null for published
    shares. No weights are known of them, so their effective number of respondents is smaller.

    Parameters
    ----------
    wave : {5, 6, 7}, optional
        The wave. Default: all three.

    Returns
    -------
    polars.DataFrame
        Human counts: the columns of `COUNT_COLUMNS`.

    Raises
    ------
    SurveyError
        There is no such wave.

    Notes
    -----
    The survey is free for non-profit use with citation: `CITATION`, `TERMS`. The rows of
    GlobalOpinionQA come under CC BY-NC-SA 4.0 and lie in a file of their own, with the licence and
    the attribution, in the package's folder ``survey/globalopinionqa``.

    Examples
    --------
    >>> world(wave=7)["country"].n_unique()
    65
    >>> world(wave=7).filter(country="AND", question="Q1").select("code", "share", "source").row(0)
    (1, 0.895, 'globalopinionqa')
    """
    if wave in (None, WAVE):
        shares = _published()
        return pl.concat([sample(wave), shares]) if wave else pl.concat([sample(), shares])
    return sample(wave)


def world_summary() -> pl.DataFrame:
    """Count what doxa ships, by country and wave.

    Returns
    -------
    polars.DataFrame
        `survey`, `wave`, `country`, `items`, `unweighted_items` (whose shares are not weighted),
        `sources`, `respondents`, `basis` (of the number of respondents: "tabulated",
        "recovered" or "stated"), and what weights do, as `doxa.survey.weight_effects` gives it:
        `compared_items`, `mean_change`, `largest_change`.

    Examples
    --------
    >>> world_summary().filter(country="IND").select("items", "sources", "basis").row(0)
    (15, 'wvs-results-by-country', 'stated')
    """
    keys = ("survey", "wave", "country")
    held = world()
    counted = held.group_by(keys).agg(
        items=pl.col("question").n_unique(),
        unweighted_items=pl.col("question").filter(~pl.col("weighted")).n_unique(),
        sources=pl.col("source").unique().sort().str.join(", "),
        respondents=pl.coalesce("respondents", "n_effective").max(),
        counted=pl.col("n").filter(pl.col("question") == pl.col("question").first()).sum(),
    )
    basis = _samples().select("country", "basis", size="respondents").with_columns(wave=WAVE)
    basis = basis.cast({"wave": pl.Int64})
    return (
        counted.join(basis, on=["wave", "country"], how="left")
        .join(weight_effects(held), on=list(keys), how="left")
        .select(
            *keys, "items", "unweighted_items", "sources",
            pl.coalesce("size", "counted").alias("respondents"),
            pl.col("basis").fill_null("tabulated"),
            "compared_items", "mean_change", "largest_change",
        )
        .sort(keys)
    )  # fmt: skip


@functools.cache
def _published() -> pl.DataFrame:
    """Read the shares of both files, GlobalOpinionQA's and the others."""
    opinions, others = (
        _read("globalopinionqa", "shares.parquet"),
        _read("world_shares.parquet"),
    )
    own = opinions.with_columns(weighted=pl.lit(value=True), source=pl.lit("globalopinionqa")).join(
        others.select(*_CELL, "share_unweighted"), on=_CELL, how="left"
    )
    shares = pl.concat([own, others.drop_nulls("share")], how="diagonal")
    shares = shares.join(_samples().drop("basis"), on="country").with_columns(wave=WAVE)
    number = pl.col("question").str.slice(1).cast(pl.Int64)
    return check_counts(shares.sort("country", number, "code"), "the shipped shares", survey="WVS")


def _samples() -> pl.DataFrame:
    path: Path
    with as_file(files("doxa.survey").joinpath("world_samples.csv")) as path:
        return read_csv(path, types={"respondents": pl.Int64})


def _read(*names: str) -> pl.DataFrame:
    path: Path
    with as_file(files("doxa.survey").joinpath(*names)) as path:
        return read_parquet(path)

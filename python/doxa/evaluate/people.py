"""Whose answers models are scored against: the world that doxa ships, and what a user brings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import polars as pl

from doxa.errors import InvalidArgumentError
from doxa.survey import COUNT_COLUMNS, SOURCES, read_counts, sample, world

if TYPE_CHECKING:
    from collections.abc import Iterable

    from doxa.distribution import HasItems
    from doxa.questionnaire import QuestionBank

__all__ = ["add_to_world", "counts_behind", "people_facts", "read_people"]

SAMPLE: Final = "sample"
_SURVEY: Final = "WVS"
_POPULATION: Final = ("survey", "wave", "country")
_MOST_NAMED: Final = 8


def read_people(
    human: str | Path | None = None, *, only: bool = False, bank: QuestionBank | None = None
) -> pl.DataFrame:
    """Read the human answers that models are scored against.

    Parameters
    ----------
    human : str or pathlib.Path, optional
        A file of counts or a folder of imports, as `doxa.survey.read_counts` takes it; its
        countries stand in place of the shipped ones. "sample" stands for `doxa.survey.sample`
        alone. Default: `doxa.survey.world` alone.
    only : bool
        Whether to leave the shipped answers out.
    bank : QuestionBank, optional
        The questionnaire. If its items are not the survey's, the shipped answers are left out.

    Returns
    -------
    polars.DataFrame
        Human counts. A file that does not name its survey counts as the World Values Survey's.

    Raises
    ------
    SurveyError
        The file cannot be read.
    InvalidArgumentError
        `only` is asked for without a file, or so is a questionnaire of one's own.

    Examples
    --------
    >>> read_people()["country"].n_unique(), read_people("sample")["country"].n_unique()
    (65, 4)
    """
    if human is None:
        if bank is not None and bank.is_own:
            raise InvalidArgumentError(
                f"{bank.path}: doxa has no people's answers to a questionnaire of your own: name "
                "yours with --human, imported or counted"
            )
        if only:
            raise InvalidArgumentError("only your own human answers, and none are named")
        return world()
    if str(human) == SAMPLE and not Path(human).exists():
        return sample()
    if bank is not None and bank.is_own:
        return read_counts(human)
    counts = read_counts(human, survey=_SURVEY)
    return counts if only else add_to_world(counts)


def add_to_world(counts: pl.DataFrame) -> pl.DataFrame:
    """Add human counts to the shipped ones, which they replace country by country and wave by wave.

    Counts of subpopulations replace nothing: the country as a whole stays beside them.

    Parameters
    ----------
    counts : polars.DataFrame
        Human counts, as `doxa.survey.read_counts` gives them.

    Examples
    --------
    >>> from doxa.survey import check_counts
    >>> mine = {"survey": "WVS", "wave": 7, "country": "AND", "question": "Q1", "code": [1, 2]}
    >>> both = add_to_world(check_counts(pl.DataFrame({**mine, "n": [30, 10]}), "mine"))
    >>> both.filter(country="AND", wave=7)["n"].to_list()
    [30.0, 10.0]
    """
    shipped = world()
    further = [name for name in counts.columns if name not in shipped.columns]
    whole = counts.filter(pl.all_horizontal(pl.col(further).is_null())) if further else counts
    left = shipped.join(whole, on=_POPULATION, how="anti", maintain_order="left")
    return pl.concat([left, counts], how="diagonal")


def counts_behind(counts: pl.DataFrame, table: pl.DataFrame) -> pl.DataFrame:
    """Keep the counts of the countries and waves that a table names.

    It names waves as `wave`, `first_wave` or `waves`, of which each cell lists several.
    """
    listed = table.explode("waves") if "waves" in table.columns else table
    waves = [name for name in ("wave", "first_wave", "waves") if name in table.columns]
    named = [
        listed.select("survey", pl.col(name).cast(pl.Int64).alias("wave"), "country")
        for name in waves
    ]
    return counts.join(pl.concat(named), on=_POPULATION, how="semi", maintain_order="left")


def people_facts(
    counts: pl.DataFrame, wave: int | None, bank: HasItems | None = None
) -> dict[str, str]:
    """Tell where human answers come from and which of them are weighted.

    Parameters
    ----------
    counts : polars.DataFrame
        Human counts, as `doxa.survey` gives them.
    wave : int or None
        The wave that is scored against; None for every wave.
    bank : QuestionBank or other HasItems, optional
        The items that are scored; a source without any of them is told.

    Returns
    -------
    dict of str to str
        Facts by name, for readers.

    Examples
    --------
    >>> for name, fact in people_facts(sample(), 7).items():
    ...     print(f"{name}: {fact}")
    people's answers: 4 countries: counts of 4 (BGD, COL, JPN, USA)
    sources of people's answers: tabulated 4 (BGD, COL, JPN, USA)
    """
    foreign = {} if bank is None else _foreign(counts, bank)
    fielded = counts if wave is None else counts.filter(wave=wave)
    if fielded.is_empty():
        return foreign
    groups = [name for name in counts.columns if name not in COUNT_COLUMNS]
    cells = fielded.group_by(*_POPULATION, *groups, "question").agg(
        published=pl.col("n").is_null().all(),
        plain=(~pl.col("weighted")).fill_null(value=False).all(),
        untold=pl.col("weighted").is_null().all(),
        source=pl.col("source").first().fill_null("not named"),
    )
    countries = cells["country"].n_unique()
    kinds = (("counts", ~pl.col("published")), ("published shares", pl.col("published")))
    facts = {
        "people's answers": f"{_counted(countries)}{_waves(cells) if wave is None else ''}: "
        + ", ".join(
            f"{name} of {_countries(cells.filter(which))}"
            for name, which in kinds
            if not cells.filter(which).is_empty()
        ),
        "sources of people's answers": "; ".join(
            f"{source} {_countries(cells.filter(source=source))}"
            for source in _in_order(cells["source"].unique())
        ),
    }
    if groups:
        facts |= _about_groups(cells, groups)
    if cells["plain"].any():
        plain = cells.filter("plain")
        facts["weights of people's answers"] = (
            f"not in {plain.height:,} of {cells.height:,} cells (a country's answers to an item), "
            f"of {_countries(plain, ' countries')}: weighted and unweighted stand side by side"
            if plain.height < cells.height
            else "none: every share is unweighted"
        )
    if cells["untold"].any():
        untold = cells.filter("untold")
        facts["weights not known"] = f"of {untold.height:,} cells, in {_countries(untold)}"
    return facts | foreign


def _foreign(counts: pl.DataFrame, bank: HasItems) -> dict[str, str]:
    """Tell which sources have no item of the questionnaire: nothing is scored against them."""
    known = pl.col("question").is_in(list(bank.items))
    sources = (
        counts.group_by(pl.col("source").fill_null("not named"), maintain_order=True)
        .agg(known.any().alias("known"), n=pl.col("question").n_unique())
        .filter(~pl.col("known"))
    )
    each = [f"{name} (none of {n:,} items)" for name, n in sources.select("source", "n").rows()]
    return (
        {"in no score, for want of an item of the questionnaire": "; ".join(each)} if each else {}
    )


def _about_groups(cells: pl.DataFrame, groups: list[str]) -> dict[str, str]:
    """Tell which answers are of a part of a country, and where the whole country's are from."""
    whole = pl.all_horizontal(pl.col(groups).is_null())
    parts, wholes = cells.filter(~whole), cells.filter(whole)
    if parts.is_empty():
        return {}
    number = parts.select(*_POPULATION, *groups).n_unique()
    said = [
        f"{number} in {_countries(parts)} by {', '.join(groups)}, "
        f"from {', '.join(_in_order(parts['source'].unique()))}"
    ]
    elsewhere = wholes.join(parts, on=["country", "source"], how="anti").filter(
        pl.col("country").is_in(parts["country"].unique().implode())
    )
    remedy = "import the file without --by into the same folder to have its own"
    if not elsewhere.is_empty():
        sources = ", ".join(_in_order(elsewhere["source"].unique()))
        said.append(f"as a whole, {_countries(elsewhere)} is still from {sources}: {remedy}")
    alone = parts.join(wholes, on="country", how="anti")
    if not alone.is_empty():
        said.append(f"as a whole, {_countries(alone)} has no answers: {remedy}")
    return {"groups within countries": "; ".join(said)}


def _counted(countries: int) -> str:
    return "1 country" if countries == 1 else f"{countries} countries"


def _waves(cells: pl.DataFrame) -> str:
    waves = cells["wave"].unique().sort().to_list()
    return f", wave{'s' * (len(waves) > 1)} {', '.join(map(str, waves))}"


def _in_order(sources: Iterable[str]) -> list[str]:
    """Put a user's own sources first, then the shipped ones as `SOURCES` lists them."""
    place = {name: number for number, name in enumerate(SOURCES)}
    return sorted(sources, key=lambda name: (place.get(name, -1), name))


def _countries(cells: pl.DataFrame, noun: str = "") -> str:
    """Count the countries of some cells; name them where they are few."""
    names = cells["country"].unique().sort().to_list()
    listed = f" ({', '.join(names)})" if len(names) <= _MOST_NAMED else ""
    return f"{len(names)}{noun}{listed}"

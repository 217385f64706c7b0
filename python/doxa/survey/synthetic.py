"""Made-up microdata in the shape of the World Values Survey, with a known truth.

Each respondent has two latent traits, drawn from a normal distribution around the country's mean.
Each item has its own weights for the traits, and the weighted sum is cut into the answers: a graded
response model (Samejima 1969). So countries with similar means answer alike. Like real files, the
files have weights, missing codes, volunteered answers and, on request, respondents who appear
twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from doxa.errors import InvalidArgumentError
from doxa.outside.extras import require
from doxa.questionnaire.missing import MISSING_REASONS
from doxa.survey.codes import answer_codes
from doxa.survey.columns import first_header
from doxa.survey.countries import alpha_3, numeric_code
from doxa.survey.labels import first_labels

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from doxa.questionnaire.item import Item

__all__ = ["Synthetic", "synthetic"]

_MISSING_SHARE: Final = {-1: 0.03, -2: 0.01, -4: 0.005, -5: 0.001}
_SPONTANEOUS_SHARE: Final = 0.02
_N_QUESTIONS: Final = 290
_UNWEIGHTED: Final = "No weighting"
_HEADERS: Final = {
    "version": "Version of Data File",
    "A_WAVE": "Chronology of EVS-WVS waves",
    "B_COUNTRY": "ISO 3166-1 numeric country code",
    "B_COUNTRY_ALPHA": "ISO 3166-1 alpha-3 country code",
    "D_INTERVIEW": "Interview ID",
    "W_WEIGHT": "Weight",
}


@dataclass(frozen=True, slots=True)
class Synthetic:
    """Made-up microdata, and the counts that a reader must find in them.

    Attributes
    ----------
    frame : polars.DataFrame
        One row per respondent, in the shape of the wave-7 file: `version`, `A_WAVE`, `B_COUNTRY`,
        `B_COUNTRY_ALPHA`, `D_INTERVIEW`, `W_WEIGHT`, `Q1`, … `Q290`, and `X1`, … up to the number
        of columns asked for.
    items : mapping of str to Item
        The items that the columns hold.
    truth : polars.DataFrame
        The true counts, without repeated respondents: `country`, `question`, `code`, `n`,
        `weighted_n`.
    means : mapping of str to tuple of float
        Each country's mean of the two latent traits.
    """

    frame: pl.DataFrame
    items: Mapping[str, Item]
    truth: pl.DataFrame
    means: Mapping[str, tuple[float, float]]

    def write_csv(self, path: Path, *, separator: str = ",", bom: bool = False) -> None:
        """Write the file as CSV with codes."""
        self.frame.write_csv(path, separator=separator, include_bom=bom)

    def write_sav(self, path: Path) -> None:
        """Write the file as SPSS, with value labels, and missing codes declared as ranges."""
        pyreadstat = _library("pyreadstat")
        declared = [{"lo": min(MISSING_REASONS), "hi": max(MISSING_REASONS)}]
        pyreadstat.write_sav(
            self.frame,
            str(path),
            variable_value_labels=self._value_labels(),
            missing_ranges=dict.fromkeys(self.items, declared),
        )

    def write_dta(self, path: Path) -> None:
        """Write the file as Stata, with value labels."""
        pyreadstat = _library("pyreadstat")
        pyreadstat.write_dta(self.frame, str(path), variable_value_labels=self._value_labels())

    def write_xlsx(self, path: Path, *, unweighted: Sequence[str] = ()) -> None:
        """Write the items as xlsx with labels in place of codes, like the survey's country files.

        Parameters
        ----------
        path : Path
            The file.
        unweighted : sequence of str
            Countries whose weights are written as the words "No weighting".
        """
        xlsxwriter = _library("xlsxwriter")
        administrative = [name for name in _HEADERS if name in self.frame.columns]
        frame = self.frame.select(*administrative, *self.items)
        shown: list[list[Any]] = [frame[name].to_list() for name in administrative]
        weight = administrative.index("W_WEIGHT")
        countries = frame["B_COUNTRY_ALPHA"].to_list()
        shown[weight] = [
            _UNWEIGHTED if country in unweighted else value
            for country, value in zip(countries, shown[weight], strict=True)
        ]
        for name, item in self.items.items():
            labels = _labels(item)
            shown.append([labels[code] for code in frame[name].to_list()])
        headers = [f"{name}: {_HEADERS[name]}" for name in administrative]
        headers += [f"{name}: {first_header(name)}" for name in self.items]
        book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
        try:
            sheet = book.add_worksheet()
            sheet.write_row(0, 0, headers)
            for row, cells in enumerate(zip(*shown, strict=True), start=1):
                sheet.write_row(row, 0, cells)
        finally:
            book.close()

    def _value_labels(self) -> dict[str, dict[int, str]]:
        return {name: _labels(item) for name, item in self.items.items()}


def synthetic(
    n: int,
    items: Mapping[str, Item],
    *,
    countries: Sequence[str] = ("JPN", "USA", "COL", "NIR"),
    n_columns: int = 300,
    n_repeated: int = 0,
    wave: int = 7,
    groups: float = 0.0,
    seed: int = 0,
) -> Synthetic:
    """Make up respondents and their answers.

    Parameters
    ----------
    n : int
        Respondents, divided evenly among the countries.
    items : mapping of str to Item
        The items to answer.
    countries : sequence of str
        Alpha-3 codes.
    n_columns : int
        The number of columns, at least as many as the questionnaire needs. The others hold noise.
    n_repeated : int
        The number of respondents repeated at the end of the file; at most `n`.
    wave : int
        The wave written into the file.
    groups : float
        How far the traits of groups lie apart, in standard deviations: men and women (Q260), the
        youngest and the oldest (Q262), the least and the most educated (Q275). At 0 these columns
        hold noise like the others.
    seed : int
        Seed of all draws.

    Raises
    ------
    InvalidArgumentError
        A country is unknown, or a number out of range.

    Examples
    --------
    >>> from doxa.questionnaire import QuestionBank
    >>> made = synthetic(100, QuestionBank.load().items)
    >>> made.frame.shape
    (100, 300)
    """
    unknown = [country for country in countries if alpha_3(country) != country]
    if unknown or not countries:
        raise InvalidArgumentError(f"countries={list(countries)}: give alpha-3 codes")
    if n < len(countries) or not 0 <= n_repeated <= n:
        raise InvalidArgumentError(f"n={n}, n_repeated={n_repeated}: give one respondent a country")
    rng = np.random.default_rng(seed)
    home = np.sort(np.arange(n) % len(countries))
    means = rng.normal(scale=0.7, size=(len(countries), 2))
    traits = means[home] + rng.normal(size=(n, 2))
    background, moved = _background(n, np.random.default_rng([seed, 1]))
    traits += groups * moved
    weights = np.round(rng.lognormal(sigma=0.4, size=n), 6) + 1e-6
    answers = {name: _answers(item, traits, rng) for name, item in items.items()}
    questions = [f"Q{number}" for number in range(1, _N_QUESTIONS + 1)]
    administrative = {
        "version": np.full(n, "synthetic"),
        "A_WAVE": np.full(n, wave),
        "B_COUNTRY": np.array([numeric_code(c) for c in countries])[home],
        "B_COUNTRY_ALPHA": np.array(countries)[home],
        "D_INTERVIEW": np.arange(1, n + 1),
        "W_WEIGHT": weights,
    }
    columns: dict[str, NDArray[Any]] = dict(administrative)
    for name in dict.fromkeys([*questions, *answers]):
        columns[name] = answers[name] if name in answers else _noise(n, rng)
    if groups:
        columns |= background
    for number in range(1, n_columns - len(columns) + 1):
        columns[f"X{number}"] = _noise(n, rng)
    frame = pl.DataFrame(columns)
    truth = _truth(frame, items)
    frame = pl.concat([frame, frame[rng.permutation(n)[:n_repeated].tolist()]])
    return Synthetic(
        frame,
        dict(items),
        truth,
        {country: (float(a), float(b)) for country, (a, b) in zip(countries, means, strict=True)},
    )


def _background(
    n: int, rng: np.random.Generator
) -> tuple[dict[str, NDArray[np.int16]], NDArray[np.float64]]:
    """Draw sex, age and education, and how each respondent's traits move with them."""
    ends = {"Q260": (1, 2), "Q262": (18, 90), "Q275": (0, 8)}
    drawn = {
        name: rng.integers(low, high + 1, size=n, dtype=np.int16)
        for name, (low, high) in ends.items()
    }
    angles = rng.uniform(0.0, 2.0 * np.pi, size=len(ends))
    moved = np.zeros((n, 2))
    for (name, (low, high)), angle in zip(ends.items(), angles, strict=True):
        place = (drawn[name] - low) / (high - low) - 0.5
        moved += place[:, None] * np.array([np.cos(angle), np.sin(angle)])
    return drawn, moved


def _answers(
    item: Item, traits: NDArray[np.float64], rng: np.random.Generator
) -> NDArray[np.int16]:
    """Draw the answers to an item, including missing ones."""
    codes = np.array(item.scale.all_codes)
    latent = traits @ rng.normal(size=2) + rng.logistic(size=len(traits))
    cuts = np.sort(rng.normal(scale=1.5, size=len(codes) - 1))
    chosen = codes[np.searchsorted(cuts, latent)].astype(np.int16)
    draw = rng.random(len(traits))
    edge = 0.0
    shares = _MISSING_SHARE | dict.fromkeys(item.spontaneous, _SPONTANEOUS_SHARE)
    for code, share in shares.items():
        chosen[(draw >= edge) & (draw < edge + share)] = code
        edge += share
    return chosen


def _noise(n: int, rng: np.random.Generator) -> NDArray[np.int16]:
    return rng.integers(-2, 10, size=n, dtype=np.int16)


def _truth(frame: pl.DataFrame, items: Mapping[str, Item]) -> pl.DataFrame:
    """Count answers without `Microdata`, so that its counts can be checked."""
    return pl.concat(
        frame.group_by(pl.col("B_COUNTRY_ALPHA").alias("country"), pl.col(name).alias("code"))
        .agg(n=pl.len().cast(pl.Float64), weighted_n=pl.col("W_WEIGHT").sum())
        .select(
            "country",
            pl.lit(name).alias("question"),
            pl.col("code").cast(pl.Int64),
            "n",
            "weighted_n",
        )
        for name in items
    ).sort("country", "question", "code")


def _labels(item: Item) -> dict[int, str]:
    """Give the label that a file shows for each code of an item."""
    words = first_labels(item)
    answers = {code: words.get(code, str(code)) for code in answer_codes(item)}
    return answers | {code: reason.capitalize() for code, reason in MISSING_REASONS.items()}


def _library(name: str) -> Any:
    from importlib import import_module

    require(name)
    return import_module(name)

"""Microdata: who answered what, as a compact matrix of respondents by items."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from doxa._core import tabulate
from doxa.errors import FileError, NoDataError, SurveyError
from doxa.files.tables import read_parquet
from doxa.outside.written import some_of
from doxa.questionnaire.missing import MISSING_REASONS, UNKNOWN_LABEL
from doxa.survey.codes import UNKNOWN_VALUE, answer_codes
from doxa.survey.counts import complete_counts
from doxa.survey.design import Design, designed_sizes
from doxa.survey.manifest import read_manifest

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO

    from numpy.typing import NDArray

    from doxa.questionnaire.item import Item

__all__ = ["Microdata", "PopulationView"]

_WEIGHT = "weight"
_POPULATION = "population"
_STRATUM = "(stratum)"
_CLUSTER = "(cluster)"
_SHOWN = 8


@dataclass(frozen=True, slots=True)
class PopulationView:
    """The respondents of one population, as views into a `Microdata`.

    Attributes
    ----------
    codes : numpy.ndarray
        Shape (n_respondents, n_items), uint8, columns contiguous: the index of the answer among
        `doxa.survey.codes.answer_codes`; 250 and above stand for no answer.
    weights : numpy.ndarray
        Shape (n_respondents,), float64, positive.
    """

    codes: NDArray[np.uint8]
    weights: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Microdata:
    """Answers of respondents, grouped by population; an answer takes one byte.

    Attributes
    ----------
    populations : polars.DataFrame
        One row per population: `survey`, `wave`, `country`, further grouping keys, and `start` and
        `stop`: its respondents are the rows from `start` up to, not including, `stop`.
    items : tuple of Item
        The items, one per column.
    codes : numpy.ndarray
        Shape (n_respondents, n_items), uint8, in Fortran order, as in `PopulationView`. The 97,000
        respondents and 144 items of a wave take 14 MB.
    weights : numpy.ndarray
        Shape (n_respondents,), float64, positive.
    design : Design or None
        Their strata and clusters, where the file has them.
    """

    populations: pl.DataFrame
    items: tuple[Item, ...] = field(repr=False)
    codes: NDArray[np.uint8] = field(repr=False)
    weights: NDArray[np.float64] = field(repr=False)
    design: Design | None = field(default=None, repr=False)

    @property
    def n_respondents(self) -> int:
        """The number of respondents."""
        return len(self.weights)

    def of(self, country: str, wave: int, **keys: str) -> PopulationView:
        """View the respondents of one population, without copying.

        Parameters
        ----------
        country : str
            Alpha-3 code.
        wave : int
            The wave.
        **keys : str
            Values of the further grouping keys.

        Raises
        ------
        NoDataError
            No population matches, or several do.
        """
        rows = self.populations.filter(country=country, wave=wave, **keys)
        if rows.height != 1:
            raise NoDataError(
                f"{rows.height} populations match {country}, wave {wave}"
                f"{''.join(f', {name} {value}' for name, value in keys.items())}: name one"
            )
        part = slice(rows["start"].item(), rows["stop"].item())
        return PopulationView(self.codes[part], self.weights[part])

    def counts(self) -> pl.DataFrame:
        """Count answers, weighted and unweighted.

        Returns
        -------
        polars.DataFrame
            Human counts: one row for each population, item and code. An offered answer that nobody
            gave has a row of zeros. A volunteered answer or a missing code has a row only where it
            occurs; -6 stands for answers whose label or code no table knew. `n_effective` is
            Kish's (1965, *Survey Sampling*) effective number of answers, (Σw)² / Σw²; or,
            where the file tells strata or clusters, that of `doxa.survey.design`. If nobody in a
            population answered an item, the item has only rows for missing codes.
        """
        keys = self.populations.drop("start", "stop")
        n, weighted_n, n_effective = tabulate(
            self.codes.T,
            [len(answer_codes(item)) for item in self.items],
            self.weights,
            self.populations["stop"].to_list(),
        )
        n_effective = self._designed(n_effective)
        # One cell for each item, population and code, in that order.
        codes = [np.array([*answer_codes(item), *MISSING_REASONS]) for item in self.items]
        offered = [
            np.arange(len(c)) < len(i.scale.all_codes)
            for c, i in zip(codes, self.items, strict=True)
        ]
        sizes = np.array([len(of_item) for of_item in codes])
        cells: dict[str, NDArray[Any]] = {
            "item": np.repeat(np.arange(len(codes)), sizes * keys.height),
            _POPULATION: np.repeat(
                np.tile(np.arange(keys.height, dtype=np.uint32), len(codes)),
                np.repeat(sizes, keys.height),
            ),
            "code": np.concatenate([np.tile(of_item, keys.height) for of_item in codes]),
            "n": n,
            "weighted_n": weighted_n,
            "n_effective": np.repeat(n_effective, np.repeat(sizes, keys.height)),
        }
        is_offered = np.concatenate([np.tile(of_item, keys.height) for of_item in offered])
        occurs = (n > 0) | (is_offered & (cells["n_effective"] > 0))
        unknown = self._unknown(n_effective.reshape(len(self.items), keys.height))
        counted = (
            pl.concat([pl.DataFrame({name: c[occurs] for name, c in cells.items()}), unknown])
            .join(keys.with_row_index(_POPULATION), on=_POPULATION, maintain_order="left")
            .sort(*keys.columns, "item", maintain_order=True)
            .with_columns(
                question=pl.col("item").replace_strict(
                    range(len(self.items)), [item.id for item in self.items]
                ),
            )
            .drop("item", _POPULATION)
        )
        return complete_counts(counted)

    def design_notes(self) -> list[str]:
        """Say in how many clusters and strata each population was drawn, and for which not."""
        if self.design is None:
            return []
        said, without = [], []
        for row in self.populations.iter_rows(named=True):
            part = slice(row["start"], row["stop"])
            size = row["stop"] - row["start"]
            clusters = len(np.unique(self.design.clusters[part]))
            strata = len(np.unique(self.design.strata[part]))
            name = f"{row['country']} wave {row['wave']}"
            if clusters == size and strata == 1:
                without.append(name)
            else:
                more = f" in {strata:,} strata" if strata > 1 else ""
                said.append(f"{name} {clusters:,}{more}")
        lines = [
            f"clusters of the sample, which decide its effective size: {some_of(said, _SHOWN)}"
        ]
        if without:
            lines.append(
                f"no clusters are told of {some_of(without, _SHOWN)}: as if drawn one by one"
            )
        return lines

    def _designed(self, n_effective: NDArray[np.float64]) -> NDArray[np.float64]:
        """Put the design's effective numbers in the place of Kish's, where the design tells any."""
        if self.design is None:
            return n_effective
        stops = self.populations["stop"].to_numpy()
        found = [
            designed_sizes(
                self.codes[:, i], len(answer_codes(item)), self.weights, stops, self.design
            )
            for i, item in enumerate(self.items)
        ]
        sizes = np.concatenate(found)
        return np.where(np.isnan(sizes), n_effective, sizes)

    def _unknown(self, n_effective: NDArray[np.float64]) -> pl.DataFrame:
        """Count the answers that no table knew, by item and population."""
        stops = self.populations["stop"].to_list()
        starts = self.populations["start"].to_list()
        rows = []
        for item in np.flatnonzero((self.codes == UNKNOWN_VALUE).any(axis=0)).tolist():
            unknown = self.codes[:, item] == UNKNOWN_VALUE
            for number, (start, stop) in enumerate(zip(starts, stops, strict=True)):
                n = float(unknown[start:stop].sum())
                weight = float(self.weights[start:stop][unknown[start:stop]].sum())
                effective = float(n_effective[item, number])
                rows += [(item, number, UNKNOWN_LABEL, n, weight, effective)] if n else []
        schema = {"item": pl.Int64, _POPULATION: pl.UInt32, "code": pl.Int64, "n": pl.Float64,
                  "weighted_n": pl.Float64, "n_effective": pl.Float64}  # fmt: skip
        return pl.DataFrame(rows, schema, orient="row")

    def shares(self) -> pl.DataFrame:
        """Give the weighted share of each answer among all answers, with its standard error.

        It is the linearised standard error of a ratio, for respondents drawn with replacement
        (Särndal, Swensson & Wretman 1992, *Model Assisted Survey Sampling*, 5.5): n / (n - 1) · Σ
        wᵢ² (yᵢ - p)² / (Σ wᵢ)², where y is 1 for the answer and 0 for others. R's
        ``survey::svymean`` gives the same for a design without strata and clusters.

        Returns
        -------
        polars.DataFrame
            The population's keys, `question`, `code`, `share` (in [0, 1]), `std_error` (null if
            only one respondent answered) and `n` (Float64, the number of respondents who answered
            the question).
        """
        on = [*self.populations.drop("start", "stop").columns, "question"]
        by_squares = replace(self, weights=self.weights**2).counts()
        counts = self.counts().with_columns(squared=by_squares["weighted_n"])
        counts = counts.filter(pl.col("code") >= 0)
        n = pl.col("n").sum().over(on)
        total = pl.col("weighted_n").sum().over(on)
        squares = pl.col("squared").sum().over(on)
        share = pl.col("weighted_n") / total
        own = pl.col("squared") * (1 - share) ** 2
        others = (squares - pl.col("squared")) * share**2
        variance = n / (n - 1) * (own + others) / total**2
        return counts.select(
            *on,
            "code",
            share=share,
            std_error=pl.when(n > 1).then(variance.sqrt()),
            n=n,
        )

    def write(self, target: Path | BinaryIO) -> None:
        """Write a Parquet file for `read`."""
        sizes = (self.populations["stop"] - self.populations["start"]).to_numpy()
        keys = self.populations.drop("start", "stop")
        rows = keys[np.repeat(np.arange(keys.height), sizes)]
        answers = {item.id: self.codes[:, i] for i, item in enumerate(self.items)}
        design = (
            []
            if self.design is None
            else [
                pl.Series(_STRATUM, self.design.strata),
                pl.Series(_CLUSTER, self.design.clusters),
            ]
        )
        rows.with_columns(
            *design,
            pl.Series(_WEIGHT, self.weights),
            *(pl.Series(k, v) for k, v in answers.items()),
        ).write_parquet(target, compression="lz4", statistics=False)

    @classmethod
    def read(cls, path: Path, items: dict[str, Item]) -> Microdata:
        """Read a Parquet file that `write` wrote.

        Parameters
        ----------
        path : Path
            The Parquet file.
        items : dict of str to Item
            The items by name; at least those that the file holds.

        Raises
        ------
        SurveyError
            The file cannot be read, or holds an item that is not among `items`.
        """
        try:
            frame = read_parquet(path)
        except FileError as error:
            raise SurveyError(str(error)) from None
        if _WEIGHT not in frame.columns:
            raise SurveyError(f"{path}: no column {_WEIGHT!r}: import the survey's file again")
        at = frame.columns.index(_WEIGHT)
        keys, names = frame.columns[:at], frame.columns[at + 1 :]
        design = None
        if _CLUSTER in keys:
            keys = keys[:-2]
            design = Design(frame[_STRATUM].to_numpy(), frame[_CLUSTER].to_numpy())
        unknown = [name for name in names if name not in items]
        if unknown:
            raise SurveyError(f"{path}: {', '.join(unknown[:3])}: not among the items given")
        numbers = frame.select(pl.col(_WEIGHT, *names))
        if not all(kind.is_numeric() for kind in numbers.dtypes) or any(
            numbers.null_count().row(0)
        ):
            raise SurveyError(f"{path}: answers that are no codes: import the survey's file again")
        codes = np.asfortranarray(frame.select(names).to_numpy())
        known = tuple(items[name] for name in names)
        return cls.group(frame.select(keys), known, codes, frame[_WEIGHT], design)

    @classmethod
    def of_folder(cls, folder: Path, items: dict[str, Item]) -> Microdata | None:
        """Read the respondents of a folder of imports; None unless one import has them.

        Parameters
        ----------
        folder : Path
            A folder that `doxa.survey.import_files` wrote.
        items : dict of str to Item
            As for `read`.

        Raises
        ------
        SurveyError
            As from `read`.
        """
        found = [entry["microdata"] for entry in read_manifest(folder) if "microdata" in entry]
        return cls.read(folder / found[0], items) if len(found) == 1 else None

    @classmethod
    def group(
        cls,
        keys: pl.DataFrame,
        items: tuple[Item, ...],
        codes: NDArray[np.uint8],
        weights: pl.Series,
        design: Design | None = None,
    ) -> Microdata:
        """Group respondents by population.

        Populations keep the order of their first respondents. If each population is contiguous
        already, as in the survey's own files, nothing is moved or copied.

        Parameters
        ----------
        keys : polars.DataFrame
            The population of each respondent: `survey`, `wave`, `country`, further keys.
        items : tuple of Item
            One per column of `codes`.
        codes : numpy.ndarray
            Shape (n_respondents, n_items), uint8.
        weights : polars.Series
            Float64, positive.
        design : Design, optional
            Strata and clusters.
        """
        populations = (
            keys.with_row_index("row")
            .group_by(keys.columns, maintain_order=True)
            .agg("row")
            .with_columns(stop=pl.col("row").list.len().cum_sum().cast(pl.Int64))
            .with_columns(start=pl.col("stop").shift(1, fill_value=0))
        )
        rows = populations["row"].explode().to_numpy()
        if np.array_equal(rows, np.arange(len(rows))):
            ordered = np.asfortranarray(codes)
        else:
            ordered = np.empty(codes.shape, dtype=np.uint8, order="F")
            for column in range(codes.shape[1]):
                ordered[:, column] = codes[:, column][rows]
        return cls(
            populations.select(*keys.columns, "start", "stop"),
            items,
            ordered,
            weights.to_numpy()[rows].astype(np.float64),
            None if design is None else design.take(rows),
        )

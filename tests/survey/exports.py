"""Made-up files of exactly the shape of the survey's real country exports.

`inventory/` says what the cells of each column of eleven real files hold and how often. Each column
is drawn on its own, by shuffling as many cells of each kind as were counted. So a file has the real
file's counts, column by column, but no respondent of it.

What a label stands for is in `inventory/codes.csv` and which variable holds an item in
`inventory/variables.csv`. They were derived without doxa's own tables: from the survey's counts by
code and its counts by label, which must be the same numbers.
"""

from __future__ import annotations

import functools
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["FILES", "Export", "background", "export", "inventory", "variables", "write_xlsx"]

_FOLDER: Final = Path(__file__).with_name("inventory")

FILES: Final = {
    "2001_japan": (4, "JPN"),
    "2006_US": (5, "USA"),
    "2006_colombia": (5, "COL"),
    "2006_japan": (5, "JPN"),
    "2012_US": (6, "USA"),
    "2012_colombia": (6, "COL"),
    "2012_japan": (6, "JPN"),
    "2022_US": (7, "USA"),
    "2022_bangladesh": (7, "BGD"),
    "2022_colombia": (7, "COL"),
    "2022_japan": (7, "JPN"),
}
"""The wave and the country of each file."""

_COUNTRY_CODES: Final = {"JPN": 392, "USA": 840, "COL": 170, "BGD": 50}
_COUNTRY_VARIABLES: Final = ("V2", "V2A", "B_COUNTRY")
_WEIGHTS: Final = {4: "V245", 5: "V259", 7: "W_WEIGHT"}
"""The weight of each wave; the files of wave 6 have none."""
_RESPONDENTS: Final = ("V3", "D_INTERVIEW", "S007")
_NO_WEIGHTING: Final = "No weighting"
_OTHER_LABELS: Final = 1001
"""The first code of the labels of columns that are not items; no question uses such numbers."""


@dataclass(frozen=True)
class Export:
    """A made-up file: the same respondents with labels and with codes.

    Attributes
    ----------
    name, wave, country
        The file of the inventory, its wave and its alpha-3 code.
    labelled : polars.DataFrame
        Text, with null for an empty cell; columns named by the whole headers.
    coded : polars.DataFrame
        The same with codes, as numbers where all cells are; columns named by their variables.
    value_labels : dict
        The label of each code, by variable.
    counts : polars.DataFrame
        What an import must count: `question, code, n, weighted_n`, for answers only.
    missing : polars.DataFrame
        The same for missing answers: `question, code, n`, with codes -1 to -5.
    weighted : bool
        Whether the file has weights.
    """

    name: str
    wave: int
    country: str
    labelled: pl.DataFrame = field(repr=False)
    coded: pl.DataFrame = field(repr=False)
    value_labels: dict[str, dict[int, str]] = field(repr=False)
    counts: pl.DataFrame = field(repr=False)
    missing: pl.DataFrame = field(repr=False)
    weighted: bool

    def write_xlsx(self, path: Path, *, every: int = 1) -> None:
        """Write one sheet of labels, all cells as text, as the survey's site serves it.

        Of the columns that are no items, only each `every`-th of those after the 20th is written.
        """
        items = {*self._items(), *_WEIGHTS.values()}
        kept = [
            header
            for place, header in enumerate(self.labelled.columns)
            if place < 20 or place % every == 0 or header.split(":")[0] in items
        ]
        write_xlsx(self.labelled.select(kept), path)

    def write_csv(self, path: Path, *, separator: str = ",") -> None:
        """Write codes, under the whole headers."""
        headers = dict(zip(self.coded.columns, self.labelled.columns, strict=True))
        self.coded.rename(headers).write_csv(path, separator=separator)

    def write_sav(self, path: Path) -> None:
        """Write codes with value labels; the negative ones are declared missing."""
        import pyreadstat

        pyreadstat.write_sav(
            self.coded,
            str(path),
            column_labels=self._column_labels(),
            variable_value_labels=self.value_labels,
            missing_ranges={key: [{"lo": -5, "hi": -1}] for key in self._items()},
        )

    def write_dta(self, path: Path) -> None:
        """Write codes with value labels; the items' missing answers as Stata's .a, .b, ...."""
        import pyreadstat

        frame = self.coded.to_pandas()
        labels: dict[str, dict[Any, str]] = {}
        for name, entry in self.value_labels.items():
            labels[name] = dict(entry)
        items = self._items()
        letters = {code: "abcde"[-code - 1] for code in range(-5, 0)}
        for name in items:
            frame[name] = self.coded[name].cast(pl.Int64).to_pandas().astype(object)
            frame[name] = frame[name].map(lambda value: letters.get(value, value))
            labels[name] = {
                letters.get(code, code): label for code, label in labels.get(name, {}).items()
            }
        pyreadstat.write_dta(
            frame,
            str(path),
            column_labels=[label[:80] for label in self._column_labels()],
            variable_value_labels=labels,
            missing_user_values={key: list(letters.values()) for key in items},
        )

    def _items(self) -> list[str]:
        return [name for name in variables(self.wave).values() if name in self.coded.columns]

    def _column_labels(self) -> list[str]:
        return [header.partition(":")[2].strip() for header in self.labelled.columns]


def write_xlsx(frame: pl.DataFrame, path: Path) -> None:
    """Write a frame of text as an xlsx of one sheet.

    XlsxWriter writes the file with its texts; the cells, which refer to the texts by number, are
    composed here, because the library takes ten seconds for a million of them.
    """
    import zipfile

    import xlsxwriter
    from xlsxwriter.utility import xl_col_to_name

    texts = _texts(frame)
    draft = path.with_suffix(".draft.xlsx")
    with xlsxwriter.Workbook(str(draft)) as book:
        sheet = book.add_worksheet()
        for row, text in enumerate(texts):
            sheet.write_string(row, 0, text)
    numbers = {text: number for number, text in enumerate(texts)}
    rows = pl.int_range(2, frame.height + 2, eager=True).cast(pl.String)
    cells = []
    for place, column in enumerate(frame.get_columns()):
        letters = xl_col_to_name(place)
        number = column.replace_strict(numbers, return_dtype=pl.Int64).cast(pl.String)
        cell = pl.concat_str(
            pl.lit(f'<c r="{letters}'), rows, pl.lit('" t="s"><v>'), number, pl.lit("</v></c>")
        )
        cells.append(pl.select(cell.fill_null("")).to_series().alias(str(place)))
    lines = pl.DataFrame(cells).select(
        pl.concat_str(pl.lit('<row r="'), rows, pl.lit('">'), pl.all(), pl.lit("</row>"))
    )
    header = "".join(
        f'<c r="{xl_col_to_name(place)}1" t="s"><v>{numbers[name]}</v></c>'
        for place, name in enumerate(frame.columns)
    )
    body = f'<sheetData><row r="1">{header}</row>{"".join(lines.to_series())}</sheetData>'
    with (
        zipfile.ZipFile(draft) as old,
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new,
    ):
        for part in old.namelist():
            content = old.read(part).decode()
            if part == "xl/worksheets/sheet1.xml":
                before, _, rest = content.partition("<sheetData>")
                content = before + body + rest.partition("</sheetData>")[2]
            new.writestr(part, content)
    draft.unlink()


def _texts(frame: pl.DataFrame) -> list[str]:
    cells = frame.unpivot()["value"].drop_nulls().unique(maintain_order=True).to_list()
    return list(dict.fromkeys([*frame.columns, *cells]))


@functools.cache
def inventory() -> pl.DataFrame:
    """Give the tables of all files; see `inventory/README.md`."""
    return pl.read_parquet(_FOLDER / "exports.parquet")


@functools.cache
def variables(wave: int) -> dict[str, str]:
    """Give the variable of each item in a wave's files."""
    table = pl.read_csv(_FOLDER / "variables.csv")
    return dict(table.select("question", f"wave_{wave}").drop_nulls().rows())


@functools.cache
def _codes() -> dict[tuple[str, str], int]:
    """Give the code of each label of each item; under "" those of missing answers."""
    rows = pl.read_csv(_FOLDER / "codes.csv").rows()
    return {
        (question, label): code
        for label, code, questions in rows
        for question in (questions or "").split(" ")
    }


@functools.cache
def background() -> pl.DataFrame:
    """Give the codes and groups of labels: `grouping, label, code, group, wave, variable`."""
    table = pl.read_csv(_FOLDER / "background.csv", schema_overrides={"label": pl.String})
    place = pl.col("variables").str.split(":")
    return (
        table.with_columns(pl.col("variables").str.split(" "))
        .explode("variables")
        .select(
            "grouping", "label", "code", "group", wave=place.list.first().cast(pl.Int64),
            variable=place.list.last(),
        )
    )  # fmt: skip


@functools.cache
def _background_codes() -> dict[tuple[int, str, str], int]:
    rows = background().select("wave", "variable", "label", "code").rows()
    return {(wave, variable, label): code for wave, variable, label, code in rows}


def _about(wave: int, variable: str, label: str) -> int | None:
    return _background_codes().get((wave, variable, label))


@functools.cache
def export(name: str, seed: int = 0) -> Export:
    """Make up one of the files."""
    wave, country = FILES[name]
    table = inventory().filter(pl.col("file") == name)
    rng = np.random.default_rng([seed, zlib.crc32(name.encode())])
    n = int(table.filter(pl.col("position") == 0)["n"].sum())
    columns = {
        str(header): _draw(str(header), part, n, rng)
        for (header,), part in table.group_by("header", maintain_order=True)
    }
    if name == "2006_colombia":  # two samples share some respondents' numbers
        numbers = columns["V3: Original respondent number"]
        columns["V3: Original respondent number"] = pl.concat([numbers[: n - 43], numbers[:43]])
    labelled = pl.DataFrame(columns)
    questions = {place: question for question, place in variables(wave).items()}
    coded, value_labels = {}, {}
    for header, column in columns.items():
        variable = header.split(":")[0]
        coded[variable], value_labels[variable] = _code(
            column, variable, questions.get(variable), wave, country
        )
    frame = pl.DataFrame(coded)
    weight = _WEIGHTS.get(wave)
    weighted = weight is not None and _NO_WEIGHTING not in _column(labelled, weight)
    weights = frame[weight] if weighted and weight else pl.Series([1.0]).new_from_index(0, n)
    tabulated = _tabulate(frame, weights, {p: q for p, q in questions.items() if p in coded})
    return Export(
        name,
        wave,
        country,
        labelled,
        frame,
        {variable: labels for variable, labels in value_labels.items() if labels},
        tabulated.filter(pl.col("code") >= 0),
        tabulated.filter(pl.col("code") < 0).drop("weighted_n"),
        weighted,
    )


def _column(frame: pl.DataFrame, variable: str) -> pl.Series:
    return next(c for c in frame.get_columns() if c.name.split(":")[0] == variable)


def _draw(header: str, part: pl.DataFrame, n: int, rng: np.random.Generator) -> pl.Series:
    """Draw the cells of a column; those that are not listed are made up."""
    variable = header.split(":")[0]
    if variable in _RESPONDENTS:
        return pl.Series(rng.permutation(n) + 1, dtype=pl.Int64).cast(pl.String)
    counted = part.filter(pl.col("n").is_not_null())
    cells = counted.select(pl.col("label").repeat_by("n").explode()).to_series()
    rest = n - len(cells)
    if rest:
        listed = counted["label"].drop_nulls().len()
        n_distinct = min(rest, (part["distinct"][0] or n) - listed)
        values = _made_up(header, n_distinct, rng)
        again = rng.integers(0, n_distinct, size=rest - n_distinct)
        cells = pl.concat([cells.cast(pl.String), values, values[again]])
    return cells[rng.permutation(n)]


def _made_up(header: str, n: int, rng: np.random.Generator) -> pl.Series:
    """Make up different values for a column that has too many to list."""
    lower = header.lower()
    steps = np.arange(1, n + 1)
    if "weight" in lower:
        values: NDArray[Any] = np.round(rng.lognormal(sigma=0.5, size=n), 6) + steps * 1e-9
        return pl.Series([f"{value:.9f}" for value in values])
    if "longitude" in lower or "latitude" in lower or "time" in lower or "welzel" in lower:
        return pl.Series([f"{step / (n + 1):.6f}" for step in steps])
    if "values short" in lower:
        return pl.Series([f"{step / (n + 1):.6f}" for step in steps])
    if "country of birth" in lower or "region" in lower or "settlement" in lower:
        return pl.Series([f"Place {step}" for step in steps])
    return pl.Series(steps + 9, dtype=pl.Int64).cast(pl.String)


def _code(
    column: pl.Series, variable: str, question: str | None, wave: int, country: str
) -> tuple[pl.Series, dict[int, str]]:
    """Turn labels into numbers, and list the label of each number."""
    if variable == "V1" or variable == "A_WAVE":
        return column.replace_strict({column[0]: wave}, return_dtype=pl.Int64), {wave: column[0]}
    if variable in _COUNTRY_VARIABLES:
        code = _COUNTRY_CODES[country]
        return column.replace_strict({column[0]: code}, return_dtype=pl.Int64), {code: column[0]}
    if variable in _WEIGHTS.values():
        column = column.replace(_NO_WEIGHTING, "1.0")
    distinct = column.drop_nulls().unique(maintain_order=True).to_list()
    numbers = pl.Series(distinct, dtype=pl.String).cast(pl.Float64, strict=False)
    words = [label for label, number in zip(distinct, numbers, strict=True) if number is None]
    if len(words) > 80 or variable.endswith("_ALPHA"):
        return column, {}
    codes: dict[str | None, float] = {}
    for label, number in zip(distinct, numbers, strict=True):
        known = _codes().get((question, label)) if question else _about(wave, variable, label)
        known = _codes().get(("", label)) if known is None else known
        if number is not None:
            codes[label] = number
        elif known is None and question:
            raise KeyError((question, label))
        else:
            other = _OTHER_LABELS + words.index(label)
            codes[label] = float(other if known is None else known)
    coded = pl.Series([codes.get(cell) for cell in column], dtype=pl.Float64)
    if (coded.drop_nulls() == coded.drop_nulls().round(0)).all():
        coded = coded.cast(pl.Int64)
    return coded, {int(codes[label]): label for label in words}


def _tabulate(frame: pl.DataFrame, weights: pl.Series, places: dict[str, str]) -> pl.DataFrame:
    """Count each item's codes."""
    return pl.concat(
        pl.DataFrame({"code": frame[place].cast(pl.Int64), "weight": weights})
        .group_by("code")
        .agg(n=pl.len().cast(pl.Float64), weighted_n=pl.col("weight").sum())
        .select(pl.lit(question).alias("question"), "code", "n", "weighted_n")
        for place, question in places.items()
    ).sort("question", "code")

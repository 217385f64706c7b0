"""The report's tables and figures as files of their own."""

from __future__ import annotations

import json
import re
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from doxa.errors import ReportError
from doxa.question import QuestionBank
from doxa.report import charts
from doxa.report.palette import LIGHT, chart_config
from doxa.report.payload import axis_domain
from doxa.report.tables import ALIGNMENT_COLUMNS, check_columns, conditions_of, with_condition
from doxa.report.words import Names, with_interval

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from doxa.report.tables import Condition

__all__ = ["write_figures", "write_tables"]

_WIDTH = 520


def write_tables(folder: Path | str, tables: Mapping[str, pl.DataFrame]) -> list[Path]:
    """Write tables, each as CSV and as Parquet.

    Parameters
    ----------
    folder : pathlib.Path or str
        Where to; it is made where it does not exist.
    tables : mapping of str to polars.DataFrame
        The tables by the name of their file. In CSV, lists are written as JSON.

    Returns
    -------
    list of pathlib.Path
        The files written.

    Raises
    ------
    ReportError
        A file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     [p.name for p in write_tables(folder, {"scores": pl.DataFrame({"x": [1]})})]
    ['scores.csv', 'scores.parquet']
    """
    folder = Path(folder)
    written = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, table in tables.items():
            csv, parquet = folder / f"{name}.csv", folder / f"{name}.parquet"
            lists = pl.selectors.list()
            as_json = lists.map_elements(
                lambda values: json.dumps(values.to_list()), return_dtype=pl.String
            )
            table.with_columns(as_json).write_csv(csv)
            table.write_parquet(parquet)
            written += [csv, parquet]
    except OSError as error:
        raise _cannot_write(folder, error) from None
    return written


def write_figures(
    folder: Path | str, *, alignment: pl.DataFrame, bank: QuestionBank | None = None
) -> list[Path]:
    """Write the forest plot and the heat map, each as SVG and as PNG.

    Parameters
    ----------
    folder : pathlib.Path or str
        Where to; it is made where it does not exist.
    alignment : polars.DataFrame
        As `doxa.analysis.country_alignment` gives it. Each model, elicitation and wave has
        figures of its own.
    bank : QuestionBank, optional
        What countries and languages are called; by default the questionnaire of doxa.

    Returns
    -------
    list of pathlib.Path
        The files written, named ``forest-…`` and ``heat-map-…``.

    Raises
    ------
    MissingExtraError
        Altair or vl-convert is not installed.
    ReportError
        A column is missing, or a file cannot be written.
    """
    charts.load_altair()
    convert = import_module("vl_convert")
    check_columns("alignment", alignment, ALIGNMENT_COLUMNS)
    names = Names(bank or QuestionBank.load())
    conditions = conditions_of([alignment], names)
    folder = Path(folder)
    written = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, figure in _figures(alignment, conditions, names):
            svg, png = folder / f"{name}.svg", folder / f"{name}.png"
            svg.write_text(convert.vegalite_to_svg(figure), encoding="utf-8")
            png.write_bytes(convert.vegalite_to_png(figure, scale=2))
            written += [svg, png]
    except OSError as error:
        raise _cannot_write(folder, error) from None
    return written


def _figures(
    alignment: pl.DataFrame, conditions: Sequence[Condition], names: Names
) -> Iterator[tuple[str, dict[str, Any]]]:
    domain = axis_domain(alignment, ("estimate", "low", "high", "ceiling", "baseline"))
    heat = axis_domain(alignment, ("estimate",))
    scored = with_condition(alignment.drop_nulls("estimate"), conditions)
    for group in scored.partition_by("model", "elicitation", "wave", maintain_order=True):
        rows = [_row(row, conditions, names) for row in group.rows(named=True)]
        model, elicitation, wave = group.select("model", "elicitation", "wave").row(0)
        slug = re.sub(r"[^A-Za-z0-9.]+", "-", f"{model}-{elicitation}-{wave}")
        countries = sorted({row["column"] for row in rows})
        panels = [
            _panel(charts.forest(domain), [r for r in rows if r["column"] == name], name)
            for name in countries
        ]
        yield f"forest-{slug}", _whole({"vconcat": panels})
        yield f"heat-map-{slug}", _whole(_panel(charts.heat_map(heat), rows, None))


def _row(row: dict[str, Any], conditions: Sequence[Condition], names: Names) -> dict[str, Any]:
    """Give a row of the alignment table what the charts name and label it by."""
    condition = conditions[row["condition"]]
    value = with_interval(row["estimate"], row["low"], row["high"])
    return row | {
        "name": condition.label,
        "order": row["condition"],
        "steering": condition.kind,
        "column": names.country(row["country"]),
        "column_order": names.country(row["country"]),
        "targeted": condition.target == row["country"],
        "value": value,
        "number": f"{row['estimate']:.2f}",
        "detail": value,
    }


def _panel(
    specification: dict[str, Any], rows: list[dict[str, Any]], title: str | None
) -> dict[str, Any]:
    specification.pop("autosize")
    specification.pop("$schema")
    panel = specification | {"width": _WIDTH, "data": {"values": rows}}
    for layer in panel["layer"]:
        layer.pop("data", None)
    if title:
        panel["title"] = {"text": title, "offset": 16}
    return panel


def _whole(specification: dict[str, Any]) -> dict[str, Any]:
    config = chart_config(LIGHT) | {"background": LIGHT["page"]}
    return specification | {"config": config, "padding": 12, "spacing": 28}


def _cannot_write(folder: Path, error: OSError) -> ReportError:
    reason = (error.strerror or str(error)).lower()
    return ReportError(f"cannot write into {folder}: {reason}; choose another place")

"""The report's figures as files of their own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from doxa.analysis.parts.pairs import population_keys
from doxa.files import replacing
from doxa.outside.extras import require
from doxa.outside.quoting import file_name
from doxa.prompt import OFF
from doxa.report import charts
from doxa.report.drawing import converted
from doxa.report.files import cannot_write
from doxa.report.maps import world, world_map
from doxa.report.palette import LIGHT, chart_config
from doxa.report.payload import axis_domain, difference_domain
from doxa.report.tables import (
    conditions_of,
    drawn_effects,
    in_order,
    reliability_table,
    told_apart,
    with_condition,
)
from doxa.report.words import BESIDE, STATUS_NAMES, Names, with_interval

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import polars as pl

    from doxa.evaluate import Evaluation
    from doxa.report.tables import ShownCondition

    Figure = tuple[str, dict[str, Any]]

__all__ = ["write_figures"]

_WIDTH: Final = 520
_MAP: Final = (900, 420)
_MOST_PANELS: Final = 8


def write_figures(folder: Path | str, evaluation: Evaluation) -> list[Path]:
    """Write the report's figures, each as SVG and as PNG.

    Parameters
    ----------
    folder : pathlib.Path or str
        Folder to write to; it is created if missing.
    evaluation : Evaluation
        As `doxa.evaluate.evaluate` gives it. Each model, elicitation and wave has figures of its
        own.

    Returns
    -------
    list of pathlib.Path
        The files written: ``forest-…``, ``heat-map-…``, one ``map-…`` and one ``verdicts-…``
        for each unsteered way of asking, ``steering-…`` where a steering can be measured,
        ``reliability-…``.

    Raises
    ------
    MissingExtraError
        vl-convert is not installed.
    ReportError
        A file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from dataclasses import replace
    >>> from doxa.evaluate import evaluate
    >>> from doxa.survey import sample
    >>> few = recording.replies.filter(model="alpha", elicitation="logprobs", steering="none")
    >>> small = evaluate(replace(recording, replies=few), sample(wave=7))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     written = write_figures(folder, small)
    >>> sorted({path.suffix for path in written})
    ['.png', '.svg']
    """
    require("vl_convert")
    names = Names(evaluation.bank)
    groups = population_keys(evaluation.human_waves)[3:]
    replies, effects = evaluation.replies, evaluation.steering
    alignment = told_apart(evaluation.alignment, groups)
    effects = told_apart(drawn_effects(effects), groups) if effects.width else effects
    given = [frame for frame in (alignment, effects, replies) if frame.width]
    conditions = conditions_of(given, names)
    figures = [*_of_alignment(in_order(alignment, conditions, names), conditions, names)]
    if effects.height:
        figures += _of_steering(in_order(effects, conditions, names), conditions, names)
    figures += _of_replies(replies, conditions)
    folder = Path(folder)
    written = []
    try:
        for name, figure in figures:
            svg, png = folder / f"{name}.svg", folder / f"{name}.png"
            drawn = converted("vegalite_to_svg", figure)
            with replacing(svg) as partial:
                partial.write_text(drawn, encoding="utf-8")
            drawn = converted("vegalite_to_png", figure, scale=2)
            with replacing(png) as partial:
                partial.write_bytes(drawn)
            written += [svg, png]
    except OSError as error:
        raise cannot_write(folder, error) from None
    return written


def _of_alignment(
    alignment: pl.DataFrame, conditions: Sequence[ShownCondition], names: Names
) -> Iterator[Figure]:
    domain = axis_domain(alignment, ("estimate", "low", "high", "ceiling", "baseline"))
    heat = axis_domain(alignment, ("estimate",))
    scored = with_condition(alignment.drop_nulls("estimate"), conditions)
    for group in scored.partition_by("model", "elicitation", "wave", maintain_order=True):
        rows = [_row(row, conditions, names) for row in group.rows(named=True)]
        shared = _values(group, "model", "elicitation", "wave")
        yield file_name("forest", *shared), _forest(domain, rows)
        yield (
            file_name("heat-map", *shared),
            _whole(_panel(charts.heat_map(heat, legend=True), _upright(rows), None)),
        )
        for condition in group["condition"].unique(maintain_order=True):
            asked = conditions[condition]
            if asked.target:
                continue
            own = [row for row in rows if row["order"] == condition]
            steered = () if asked.steering == "none" else (asked.steering,)
            thought = () if asked.reasoning == OFF else (asked.reasoning,)
            people = (asked.group,) if asked.group else ()
            place = (*shared, *steered, *people, asked.language, *thought)
            yield file_name("map", *place), _map(world_map(heat, legend=True), own, asked.label)
            if judged := [row for row in own if row["verdict"]]:
                drawn = world_map(heat, verdicts=True, legend=True)
                yield file_name("verdicts", *place), _map(drawn, judged, asked.label)


def _of_steering(
    effects: pl.DataFrame, conditions: Sequence[ShownCondition], names: Names
) -> Iterator[Figure]:
    """Draw one panel per condition, or per steering if all are scored on their own target."""
    domain = difference_domain(effects)
    known = with_condition(effects.drop_nulls("estimate"), conditions)
    for group in known.partition_by("model", "elicitation", "wave", maintain_order=True):
        rows = [_effect(row, conditions, names) for row in group.rows(named=True)]
        own = all(row["targeted"] for row in rows)
        parts: dict[str, list[dict[str, Any]]] = {}
        for row in rows:
            asked = conditions[row["order"]]
            parts.setdefault(asked.steering_label if own else asked.label, []).append(
                row | {"name": f"{row['name']} · {asked.language}"} if own else row
            )
        panels = [_panel(charts.effects(domain), part, title) for title, part in parts.items()]
        yield (
            file_name("steering", *_values(group, "model", "elicitation", "wave")),
            _whole({"vconcat": panels}),
        )


def _of_replies(replies: pl.DataFrame, conditions: Sequence[ShownCondition]) -> Iterator[Figure]:
    counted = with_condition(reliability_table(replies), conditions).sort("condition")
    for group in counted.partition_by("model", "elicitation", maintain_order=True):
        rows = [
            {
                "name": conditions[row["condition"]].label,
                "order": row["condition"],
                "status_order": position,
                "share": row[status] / row["n"],
            }
            for row in group.rows(named=True)
            for position, status in enumerate(STATUS_NAMES)
            if row[status]
        ]
        chart = charts.reliability(legend=True)
        yield (
            file_name("reliability", *_values(group, "model", "elicitation")),
            _whole(_panel(chart, rows, None)),
        )


def _values(group: pl.DataFrame, *keys: str) -> tuple[object, ...]:
    return group.select(keys).row(0)


def _forest(domain: tuple[float, float], rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Draw one panel per country, or for many countries one ranked panel per way of asking."""
    countries = list(dict.fromkeys(row["column"] for row in rows))
    if len(countries) <= _MOST_PANELS:
        parts = [(name, [row for row in rows if row["column"] == name]) for name in countries]
    else:
        parts = [
            (
                name,
                [
                    row | {"name": row["column"], "order": -row["estimate"]}
                    for row in rows
                    if row["name"] == name
                    and row["target"] in ("", row["country"].partition(BESIDE)[0])
                ],
            )
            for name in dict.fromkeys(row["name"] for row in rows if not row["target"])
        ]
    return _whole({"vconcat": [_panel(charts.forest(domain), part, name) for name, part in parts]})


def _upright(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Swap the lines and columns of a heat map with many countries."""
    if len({row["column"] for row in rows}) <= _MOST_PANELS:
        return rows
    return [
        row
        | {"name": row["column"], "order": row["column_order"]}
        | {"column": row["name"], "column_order": row["order"]}
        for row in rows
    ]


def _row(row: dict[str, Any], conditions: Sequence[ShownCondition], names: Names) -> dict[str, Any]:
    """Add the names and labels that charts show to a row of the alignment table."""
    condition = conditions[row["condition"]]
    value = with_interval(row["estimate"], row["low"], row["high"])
    place = world()["points"].get(row["country"])
    return row | {
        "name": condition.label,
        "order": row["condition"],
        "steering": condition.kind,
        "target": condition.target,
        "column": names.country(row["country"]),
        "column_order": names.country(row["country"]),
        "targeted": condition.target == row["country"].partition(BESIDE)[0],
        "value": value,
        "number": f"{row['estimate']:.2f}",
        "detail": value,
        "longitude": place[0] if place else None,
        "latitude": place[1] if place else None,
    }


def _effect(
    row: dict[str, Any], conditions: Sequence[ShownCondition], names: Names
) -> dict[str, Any]:
    condition = conditions[row["condition"]]
    return row | {
        "name": names.country(row["country"]),
        "order": row["condition"],
        "steering": condition.kind,
        "targeted": condition.target == row["country"].partition(BESIDE)[0],
        "value": with_interval(row["estimate"], row["low"], row["high"], signed=True),
    }


def _map(specification: dict[str, Any], rows: list[dict[str, Any]], title: str) -> dict[str, Any]:
    width, height = _MAP
    specification["datasets"] = {"rows": rows, "world": world()}
    return _whole(specification | {"width": width, "height": height, "title": title})


def _panel(
    specification: dict[str, Any], rows: list[dict[str, Any]], title: str | None
) -> dict[str, Any]:
    specification.pop("autosize")
    specification.pop("$schema")
    panel = specification | {"width": _WIDTH, "data": {"values": rows}}
    for layer in panel.get("layer", ()):
        layer.pop("data", None)
    if title:
        panel["title"] = {"text": title, "offset": 16}
    return panel


def _whole(specification: dict[str, Any]) -> dict[str, Any]:
    config = chart_config(LIGHT) | {"background": LIGHT["page"]}
    return specification | {"config": config, "padding": 12, "spacing": 28}

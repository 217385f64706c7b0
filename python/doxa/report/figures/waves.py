"""Figures of time: which wave's people each unsteered way of asking is nearest to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from doxa.outside.quoting import file_name
from doxa.prompt import OFF
from doxa.report.figures.parts import panel, values_of, whole
from doxa.report.nearest import nearest_waves, wave_bands
from doxa.report.strip import wave_strip

if TYPE_CHECKING:
    from collections.abc import Iterator

    from doxa.report.figures.parts import Figure, Shown

__all__ = ["wave_figures"]

_APART: Final = ("model", "elicitation", "condition")


def wave_figures(shown: Shown) -> Iterator[Figure]:
    """Draw the nearest wave of every country, a figure for each unsteered way of asking."""
    nearest = nearest_waves(shown.evaluation, shown.conditions, shown.names)
    if nearest is None:
        return
    bands = wave_bands(nearest)
    for group in nearest.partition_by(_APART, maintain_order=True):
        asked = shown.conditions[group["condition"][0]]
        if asked.steering != "none":
            continue
        told = dict(zip(_APART, values_of(group, *_APART), strict=True))
        del told["condition"]
        ordered = group.sort("open", "nearest", "name").with_row_index("order")
        filled = _filled(bands, ordered.drop("waves").rows(named=True))
        title = f"Which wave’s people {told['model']} answers like: {asked.label}"
        said = f"{shown.said(**told)}; pale: any wave may be the nearest"
        thought = () if asked.reasoning == OFF else (asked.reasoning,)
        people = (asked.group,) if asked.group else ()
        name = file_name("nearest-wave", *told.values(), *people, asked.language, *thought)
        yield name, whole(filled, title, said)


def _filled(bands: list[dict[str, Any]], rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Fill the strip with its rows; the bands stay its own."""
    strip = wave_strip(bands)
    own = {number: layer["data"] for number, layer in enumerate(strip["layer"][:2])}
    filled = panel(strip, rows, None)
    for number, data in own.items():
        filled["layer"][number]["data"] = data
    return filled

"""Plots of what work costs as it grows, both axes logarithmic, as SVG files of the docs."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path
from typing import Any

from doxa.report.drawing import converted
from doxa.report.palette import LIGHT, chart_config

PICTURES = Path(__file__).parents[1] / "docs" / "pictures" / "performance"
COLOURS = ("series-2", "series-3", "series-4", "notice-line", "series-1")


def plot(workload: str, rows: dict[str, list[dict[str, Any]]]) -> str:
    """Draw a workload's times, a panel for each kind of processor; return the picture's place."""
    alt = import_module("altair")
    what = workload.partition(", by ")[2] or "size"
    points = [
        {
            "size": row["size"], "ms": row["median_ms"], "name": row["name"], "kind": isa,
            "shape": "estimated from a part" if row["scaled"] else "measured",
        }
        for isa, timed in rows.items()
        for row in timed
    ]  # fmt: skip
    names = list(dict.fromkeys(row["name"] for row in points))
    colour = alt.Color("name:N", title=None).scale(
        domain=names, range=[LIGHT[one] for one in COLOURS[: len(names)]]
    )
    log = alt.Scale(type="log", nice=False)
    drawn = alt.Chart().encode(
        x=alt.X("size:Q", scale=log, title=what, axis=alt.Axis(format="~s", tickCount=6)),
        y=alt.Y("ms:Q", scale=log, title="milliseconds", axis=alt.Axis(format="~g", tickCount=6)),
        color=colour,
    )
    shape = alt.Shape("shape:N", title=None).scale(
        domain=["measured", "estimated from a part"], range=["circle", "triangle"]
    )
    marks = drawn.mark_line(strokeWidth=1.5), drawn.mark_point(filled=True, size=45)
    chart = (
        alt.layer(marks[0], marks[1].encode(shape=shape))
        .properties(width=420, height=300)
        .facet(column=alt.Column("kind:N", title=None), data=alt.Data(values=points))
        .properties(background=LIGHT["page"])
    )
    specification = chart.to_dict()
    config = {**chart_config(LIGHT), "background": LIGHT["page"]}
    config["legend"] = {**config["legend"], "symbolStrokeWidth": 2}
    specification["config"] = config
    path = PICTURES / f"{re.sub(r'[^a-z0-9]+', '-', workload.lower()).strip('-')}.svg"
    path.parent.mkdir(parents=True, exist_ok=True)
    svg = converted("vegalite_to_svg", specification)
    path.write_text(svg.rstrip() + "\n", encoding="utf-8")
    return f"pictures/performance/{path.name}"

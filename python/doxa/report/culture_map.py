"""The cultural map as a Vega specification without data.

Vega-Lite has neither ellipses nor labels that keep clear of each other.
"""

from __future__ import annotations

from typing import Any, Final

from doxa.report.words import STEERINGS

__all__ = ["culture_map"]

_STEPS: Final = 48
_SIGNED: Final = "datum.value ? format(datum.value, '+.1f') : '0'"


def culture_map(radius: float, error: dict[str, float]) -> dict[str, Any]:
    """Draw countries and ways of asking on the cultural map, labels where they have room.

    The first of its data, ``rows``, holds ``kind`` ("people" or "model"), ``name``, ``x`` (survival
    to self-expression), ``y`` (traditional to secular-rational) and ``detail``; for people
    ``published`` (whether the place is the published one) and ``chosen`` (whether the reader chose
    the country); for the model ``steering``, the standard errors ``sx`` and ``sy`` and their
    correlation ``rho``.

    Parameters
    ----------
    radius : float
        How many standard errors the ellipses reach.
    error : dict of str to float
        The error of a place told by six items, by dimension.
    """
    across, up = error["self_expression"], error["secular"]
    return {
        "$schema": "https://vega.github.io/schema/vega/v6.json",
        "width": 720,
        "height": 560,
        "padding": 8,
        "autosize": {"type": "fit", "contains": "padding"},
        "data": [
            {"name": "rows", "values": []},
            _filtered("people"),
            _filtered("model"),
            {"name": "ellipses", "source": "model", "transform": _ellipse(radius)},
        ],
        "scales": [
            _scale("x", "width", ("x", "ex")),
            _scale("y", "height", ("y", "ey")),
            {
                "name": "colour",
                "type": "ordinal",
                "domain": ["people", *STEERINGS],
                "range": "places",
            },
        ],
        "axes": [
            _axis("bottom", "x", "Survival values ← → self-expression values"),
            _axis("left", "y", "Traditional values ← → secular-rational values"),
        ],
        "marks": [
            *_quadrants(),
            *_typical_error(across, up),
            {
                "type": "group",
                "from": {"facet": {"name": "ring", "data": "ellipses", "groupby": "name"}},
                "marks": [_ring()],
            },
            _points(),
            _labels(),
        ],
    }


def _filtered(kind: str) -> dict[str, Any]:
    chosen = {"type": "filter", "expr": f"datum.kind === '{kind}'"}
    return {"name": kind, "source": "rows", "transform": [chosen]}


def _ellipse(radius: float) -> list[dict[str, Any]]:
    """Walk once around each place, as far as its errors reach."""
    turn = f"sequence(0, {_STEPS + 1})"
    angle = f"datum.turn * 2 * PI / {_STEPS}"
    along = "datum.rho * cos(datum.t) + sqrt(1 - datum.rho * datum.rho) * sin(datum.t)"
    return [
        {"type": "formula", "as": "turn", "expr": turn},
        {"type": "flatten", "fields": ["turn"]},
        {"type": "formula", "as": "t", "expr": angle},
        {"type": "formula", "as": "ex", "expr": f"datum.x + {radius} * datum.sx * ({along})"},
        {"type": "formula", "as": "ey", "expr": f"datum.y + {radius} * datum.sy * cos(datum.t)"},
    ]


def _scale(name: str, span: str, fields: tuple[str, str]) -> dict[str, Any]:
    own, around = fields
    domain = [{"data": "rows", "field": own}, {"data": "ellipses", "field": around}]
    return {
        "name": name, "type": "linear", "range": span, "nice": True, "zero": False,
        "domain": {"fields": domain},
    }  # fmt: skip


def _axis(orient: str, scale: str, title: str) -> dict[str, Any]:
    return {
        "orient": orient, "scale": scale, "title": title, "grid": True, "tickCount": 6,
        "titlePadding": 8,
        "encode": {"labels": {"update": {"text": {"signal": _SIGNED}}}},
    }  # fmt: skip


def _quadrants() -> list[dict[str, Any]]:
    """Write into each corner what lies there."""
    corners = [
        ("left", "top", "Secular, survival"),
        ("right", "top", "Secular, self-expression"),
        ("left", "bottom", "Traditional, survival"),
        ("right", "bottom", "Traditional, self-expression"),
    ]
    return [
        {
            "type": "text",
            "style": "quiet",
            "interactive": False,
            "encode": {
                "update": {
                    "x": {"value": 4} if side == "left" else {"signal": "width - 4"},
                    "y": {"value": 4} if end == "top" else {"signal": "height - 4"},
                    "align": {"value": side},
                    "baseline": {"value": end},
                    "fontStyle": {"value": "italic"},
                    "fontSize": {"value": 11},
                    "text": {"value": words},
                }
            },
        }
        for side, end, words in corners
    ]


def _typical_error(across: float, up: float) -> list[dict[str, Any]]:
    """Draw a cross as large as the error of a place told by six items, where few countries are."""
    middle = f"scale('x', domain('x')[0] + {1.2 * across}"
    height = f"(scale('y', domain('y')[1] - {1.2 * up}) + 22)"
    length = f"abs(scale('y', {up}) - scale('y', 0))"
    ends = [
        {"x": f"{middle} - {across})", "x2": f"{middle} + {across})", "y": height},
        {"x": f"{middle})", "y": f"{height} - {length}", "y2": f"{height} + {length}"},
    ]
    lines = [
        {
            "type": "rule",
            "name": f"error-{number}",
            "style": "reference",
            "encode": {"update": {name: {"signal": at} for name, at in end.items()}},
        }
        for number, end in enumerate(ends)
    ]
    words = {
        "type": "text",
        "name": "error-words",
        "style": "quiet",
        "encode": {
            "update": {
                "x": {"signal": f"{middle} + {across}) + 6"},
                "y": {"signal": height},
                "baseline": {"value": "middle"},
                "fontSize": {"value": 11},
                "text": {"value": "error of a place told by six items"},
            }
        },
    }
    return [*lines, words]


def _ring() -> dict[str, Any]:
    colour = {"scale": "colour", "field": "steering"}
    return {
        "type": "line",
        "from": {"data": "ring"},
        "encode": {
            "update": {
                "x": {"scale": "x", "field": "ex"},
                "y": {"scale": "y", "field": "ey"},
                "stroke": colour,
                "strokeWidth": {"value": 1.5},
                "fill": colour,
                "fillOpacity": {"value": 0.08},
            }
        },
    }


def _points() -> dict[str, Any]:
    model = "datum.kind === 'model'"
    colour = {"scale": "colour", "field": "steering"}
    return {
        "type": "symbol",
        "name": "points",
        "from": {"data": "rows"},
        "encode": {
            "update": {
                "x": {"scale": "x", "field": "x"},
                "y": {"scale": "y", "field": "y"},
                "shape": [{"test": model, "value": "diamond"}, {"value": "circle"}],
                "size": [
                    {"test": model, "value": 110},
                    {"test": "datum.chosen", "value": 110},
                    {"value": 28},
                ],
                "fill": colour,
                "fillOpacity": [{"test": f"{model} || datum.published", "value": 1}, {"value": 0}],
                "stroke": colour,
                "tooltip": {"signal": "{' ': datum.detail}"},
            }
        },
    }


def _labels() -> dict[str, Any]:
    """Label points where there is room, the model's first; a country without has its tooltip."""
    named = "datum.datum.kind === 'model' || datum.datum.chosen"
    return {
        "type": "text",
        "style": "ink",
        "interactive": False,
        "from": {"data": "points"},
        "encode": {
            "update": {
                "text": {"field": "datum.name"},
                "fontSize": [{"test": named, "value": 12}, {"value": 10}],
                "fontWeight": [{"test": named, "value": 600}, {"value": 400}],
            }
        },
        "transform": [
            {
                "type": "label",
                "size": {"signal": "[width, height]"},
                "avoidMarks": ["points", "error-0", "error-1", "error-words"],
                "anchor": ["right", "left", "top", "bottom", "top-right", "bottom-right"],
                "offset": [4, 4, 4, 4, 2, 2],
                "sort": {"field": "datum.datum.kind", "order": "ascending"},
            }
        ],
    }  # fmt: skip

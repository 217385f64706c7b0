from __future__ import annotations

from doxa.report import model_charts


def test_charts_name_the_fields_of_their_rows() -> None:
    drawn = (
        (model_charts.board(), {"name", "estimate", "low", "value", "published"}),
        (model_charts.slopes(), {"side", "estimate", "model", "chosen", "label"}),
    )
    for chart, named in drawn:
        assert named <= {
            channel["field"]
            for layer in chart["layer"]
            for channel in layer["encoding"].values()
            if isinstance(channel, dict) and "field" in channel
        }


def test_published_points_are_open() -> None:
    point = model_charts.board()["layer"][2]
    assert point["encoding"]["fillOpacity"]["condition"] == {"test": "datum.published", "value": 0}

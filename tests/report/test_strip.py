from __future__ import annotations

from doxa.report.drawing import converted
from doxa.report.strip import wave_strip

BANDS = [{"name": "wave 5", "from": 2004, "to": 2009}, {"name": "wave 7", "from": 2017, "to": 2024}]


def test_bands_stay_the_charts_own_and_what_cannot_be_told_is_pale() -> None:
    strip = wave_strip(BANDS)
    assert "datasets" not in strip
    assert strip["layer"][0]["data"] == {"values": BANDS}
    row = {"steering": "none", "from": 2004, "to": 2009, "low": 2004, "high": 2009, "detail": ""}
    rows = [
        row | {"name": "Japan", "order": 0, "open": False, "value": "wave 5 [5, 5]"},
        row | {"name": "Peru", "order": 1, "open": True, "high": 2024, "value": "wave 5 [5, 7]"},
    ]
    svg = converted("vegalite_to_svg", strip | {"datasets": {"rows": rows}, "width": 400})
    for text in ("wave 5", "wave 7", "Japan", "Peru", "wave 5 [5, 7]", "Years of fieldwork"):
        assert f">{text}</text>" in svg
    assert 'opacity="0.4"' in svg


def test_an_axis_without_years_counts_waves() -> None:
    bands = [{"name": "wave 1", "from": 0.6, "to": 1.4}, {"name": "wave 2", "from": 1.6, "to": 2.4}]
    assert wave_strip(bands)["layer"][0]["encoding"]["x"]["axis"]["title"] == "Wave"

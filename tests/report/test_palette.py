"""Colours that can be told apart and read, in both themes."""

from __future__ import annotations

import pytest

from doxa.report.palette import CHANGE, DARK, HEAT, LIGHT, chart_config, css_names
from doxa.report.words import STATUS_NAMES, STEERINGS, VERDICT_NAMES

THEMES = {"light": LIGHT, "dark": DARK}


def luminance(colour: str) -> float:
    """The relative luminance of WCAG 2."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted(map(luminance, (one, other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", THEMES)
def test_texts_and_marks_stand_out(theme: str) -> None:
    colours = THEMES[theme]
    for page in ("page", "surface"):
        for text in ("ink", "muted", "accent"):
            assert contrast(colours[text], colours[page]) >= 4.5, (text, page)
    for mark in ("series-1", "series-2", "series-3", "series-4"):
        assert contrast(colours[mark], colours["page"]) >= 3, mark
    assert contrast(colours["ink"], colours["notice"]) >= 4.5


def test_both_themes_name_the_same_colours() -> None:
    assert set(LIGHT) == set(DARK) == set(css_names())
    assert css_names()["ink"] == "var(--ink)"


def test_alignments_run_from_light_to_dark() -> None:
    shades = list(map(luminance, HEAT))
    assert shades == sorted(shades, reverse=True)
    assert luminance(CHANGE[1]) > max(luminance(CHANGE[0]), luminance(CHANGE[2]))


def test_everything_that_has_a_colour_of_its_own_gets_one() -> None:
    ranges = chart_config(LIGHT)["range"]
    for name, things in (
        ("category", STEERINGS), ("ordinal", STATUS_NAMES), ("diverging", VERDICT_NAMES),
    ):  # fmt: skip
        assert len(set(ranges[name])) == len(things), name

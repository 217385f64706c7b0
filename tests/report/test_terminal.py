from __future__ import annotations

import io

import polars as pl
from rich.console import Console

from doxa.report.terminal import alignment_table


def printed(frame: pl.DataFrame, confidence: float) -> str:
    page = io.StringIO()
    Console(file=page, width=80).print(alignment_table(frame, confidence))
    return page.getvalue()


def test_it_fits_a_narrow_terminal_with_every_number(frames: dict[str, pl.DataFrame]) -> None:
    text = printed(frames["alignment"], 0.95)
    assert max(map(len, text.splitlines())) <= 80
    for row in frames["alignment"].rows(named=True):
        assert f"{row['estimate']:.3f} [{row['low']:.3f}, {row['high']:.3f}]" in text
        assert f"{row['baseline']:.3f}" in text
    assert "tiny-model: stated percentages, 12 items" in text
    assert "tiny-model: option probabilities, 12 items" in text


def test_the_level_is_the_one_that_is_given(frames: dict[str, pl.DataFrame]) -> None:
    assert "alignment [90 %]" in printed(frames["alignment"], 0.9)


def test_what_is_missing_is_a_dash(frames: dict[str, pl.DataFrame]) -> None:
    bare = frames["alignment"].head(1).with_columns(
        low=pl.lit(None, pl.Float64), high=pl.lit(None, pl.Float64), verdict=pl.lit(None, pl.String)
    )  # fmt: skip
    text = printed(bare, 0.95)
    assert "[–, –]" in text
    assert text.rstrip().endswith("–")


def test_names_from_outside_are_only_text(frames: dict[str, pl.DataFrame]) -> None:
    named = frames["alignment"].head(2).with_columns(
        model=pl.lit("\x1b[2Jm [/bold]"), language=pl.lit("[red]")
    )  # fmt: skip
    text = printed(named, 0.95)
    assert r"\u001b[2Jm [/bold]: " in text
    assert text.count("[red]") == 2


def test_groups_of_a_country_are_told_apart_and_small_ones_marked(
    frames: dict[str, pl.DataFrame],
) -> None:
    frame = frames["alignment"].head(4)
    at = frame.columns.index("n_items")
    groups = [("female", "29 or under"), ("female", "50 or over"), ("male", "30-49"), (None, None)]
    named = frame.insert_column(at, pl.Series("sex", [sex for sex, _ in groups]))
    named = named.insert_column(at + 1, pl.Series("age", [age for _, age in groups]))
    few = ["fewer than 30 effective respondents", "", "", ""]
    text = printed(named.with_columns(note=pl.Series(few)), 0.95)
    assert max(map(len, text.splitlines())) <= 80
    words = " ".join(text.split())
    assert all(part in words for part in ("COL* female, 29", "JPN female, 50", "USA male, 30-49"))
    assert "or under" in words
    assert "* fewer than 30 effective respondents in some or all items" in words


def test_one_item_is_one_item(frames: dict[str, pl.DataFrame]) -> None:
    one = frames["alignment"].with_columns(n_items=pl.lit(1))
    assert "stated percentages, 1 item " in printed(one, 0.95)

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest

from doxa.report import write_report
from doxa.report.nearest import nearest_waves, wave_bands
from doxa.report.tables import conditions_of
from doxa.report.words import Names

from .invented import BANK, evaluation_of
from .opening import drawn, opened
from .waved import nearest_table

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

    from doxa.evaluate import Evaluation

NAMES = Names(BANK)


@pytest.fixture(scope="module")
def evaluation(frames: dict[str, pl.DataFrame]) -> Evaluation:
    scores = frames["alignment"]
    waves = [scores.with_columns(wave=pl.lit(wave, dtype=pl.Int64)) for wave in (5, 6, 7)]
    return evaluation_of(
        frames, tables={"time": pl.concat(waves), "nearest_wave": nearest_table(scores)}
    )


def test_rows_hold_the_years_of_the_nearest_wave_and_of_its_interval(
    evaluation: Evaluation,
) -> None:
    conditions = conditions_of([evaluation.alignment], NAMES)
    rows = nearest_waves(evaluation, conditions, NAMES)
    assert rows is not None
    # A steered way of asking is beside the country that it names alone.
    steered = [conditions[number].target or country for number, country in
               rows.select("condition", "country").rows()]  # fmt: skip
    assert steered == rows["country"].to_list()
    japan = rows.filter(country="JPN").row(0, named=True)
    assert (japan["from"], japan["to"]) == (2004, 2009)
    assert (japan["low"], japan["high"]) == (2004, 2016)
    assert (japan["value"], japan["open"]) == ("wave 5 [5, 6]", False)
    assert "wave 6 is the nearest in 30 % of resamples" in japan["detail"]
    assert rows.filter(country="COL")["open"].all()
    names = [band["name"] for band in wave_bands(rows)]
    assert names == ["wave 5", "wave 6", "wave 7"]


def test_a_survey_without_years_has_its_waves(frames: dict[str, pl.DataFrame]) -> None:
    table = nearest_table(frames["alignment"]).with_columns(
        first_year=pl.lit(None, pl.Int64), last_year=pl.lit(None, pl.Int64)
    )
    evaluation = evaluation_of(frames, tables={"nearest_wave": table})
    rows = nearest_waves(evaluation, conditions_of([evaluation.alignment], NAMES), NAMES)
    assert rows is not None
    assert rows.filter(country="JPN")["from"][0] == pytest.approx(4.6)
    assert wave_bands(rows)[-1]["to"] == pytest.approx(7.4)


def test_one_wave_has_no_strip(frames: dict[str, pl.DataFrame]) -> None:
    empty = evaluation_of(frames)
    conditions = conditions_of([empty.alignment], NAMES)
    assert nearest_waves(empty, conditions, NAMES) is None
    table = nearest_table(frames["alignment"]).with_columns(waves=pl.lit([7]))
    one = evaluation_of(frames, tables={"nearest_wave": table})
    assert nearest_waves(one, conditions, NAMES) is None


def test_the_strip_follows_the_way_of_asking(
    browser: Browser, evaluation: Evaluation, tmp_path: Path
) -> None:
    path = write_report(tmp_path / "r.html", evaluation)
    with opened(browser, path) as page:
        strip = page.locator("#nearest")
        assert strip.locator("svg").count() == 1
        texts = strip.locator("svg text").all_text_contents()
        for text in ("wave 5", "wave 6", "wave 7", "wave 5 [5, 6]", "Japan", "Years of fieldwork"):
            assert text in texts
        said = strip.inner_text()
        assert "the interval leaves out some wave in 2 of 3 countries" in said
        assert "the nearest is wave 5 in 2. Elsewhere (pale)" in said
        page.locator("#choose-way").select_option(label="Persona, Colombia · Spanish")
        drawn(page)
        assert "of one country, none can be told" in strip.inner_text()

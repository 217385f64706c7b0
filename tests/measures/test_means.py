from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from doxa.analysis import Settings
from doxa.measures.means import COLUMNS, Means, rows_of
from doxa.score import mean_batch

SETTINGS = Settings(n_resamples=200)


@pytest.fixture
def means() -> Means:
    rng = np.random.default_rng(2)
    rows = pl.DataFrame({
        "group": ["a"] * 8 + ["b"] * 8 + ["c"] * 3, "question": [f"Q{n}" for n in range(8)] * 2
        + ["Q0", "Q1", "Q2"],
    })  # fmt: skip
    found = Means(rows, ["group"], SETTINGS)
    found.average(x=rng.random(19), y=1 + rng.random(19), none=np.full(19, np.nan))
    return found


def test_a_mean_has_the_interval_of_means(means: Means) -> None:
    row = means.mean("x", "m").row(0, named=True)
    batch = mean_batch(
        pl.DataFrame({"x": means._rows.with_row_index()["index"].cast(float)}),
        groups=means._rows.select("group"), items=means._rows["question"], n_resamples=200,
    )  # fmt: skip
    assert batch.groups.height == 3
    assert row["low"] < row["estimate"] < row["high"]
    turned = means.mean("x", "m", slope=-2, start=1).row(0, named=True)
    assert turned["estimate"] == pytest.approx(1 - 2 * row["estimate"])
    assert turned["low"] == pytest.approx(1 - 2 * row["high"])
    assert turned["high"] == pytest.approx(1 - 2 * row["low"])
    assert turned["std_error"] == pytest.approx(2 * row["std_error"])


def test_a_number_is_computed_draw_by_draw(means: Means) -> None:
    row = means.number("r", np.divide, "x", "y").row(1, named=True)
    assert row["estimate"] == pytest.approx(means.estimate("x")[1] / means.estimate("y")[1])
    ratio = means.drawn("x")[1] / means.drawn("y")[1]
    assert (row["low"], row["high"]) == pytest.approx(tuple(np.quantile(ratio, [0.025, 0.975])))
    same = means.number("s", np.divide, "x", "x")
    assert same["low"].to_list()[:2] == same["high"].to_list()[:2] == [1, 1]
    share = means.share("x", "s").row(0, named=True)
    assert share["low"] >= 0
    assert share["estimate"] == pytest.approx(means.estimate("x")[0])


def test_what_is_lacking_is_told(means: Means) -> None:
    assert means.mean("none", "m")["note"].to_list()[0] == "no item has a value"
    assert means.mean("none", "m", note="why")["note"].to_list()[0] == "why"
    few = means.mean("x", "m").row(2, named=True)
    assert (few["n_items"], few["low"], few["std_error"]) == (3, None, None)
    assert few["note"] == "fewer than five items: no interval"
    one = rows_of(
        pl.DataFrame({"group": ["a"]}), "m", {"estimate": [0.5], "low": [0.1], "high": [0.9]},
        pl.Series([1]), ("items",), note="said",
    )  # fmt: skip
    assert one["note"].item() == "said; one item: no interval"
    assert one["low"].item() is None
    kept = rows_of(
        pl.DataFrame({"group": ["a"]}), "m", {"estimate": [0.5], "low": [0.1], "high": [0.9]},
        pl.Series([1]), ("countries",),
    )  # fmt: skip
    assert kept["low"].item() == 0.1
    assert kept.columns == ["group", *COLUMNS]

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal, assert_series_equal
from score.made_pairs import pairs

import doxa
import doxa.polars
from doxa.errors import InvalidArgumentError, InvalidDistributionError
from doxa.polars import PairExpressions
from doxa.score import METRICS

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parent.parent
ENGINES = ("in-memory", "streaming")
MODEL = pl.col("model")
PAIRS = pairs(500)


@st.composite
def frames(draw: Callable[[Any], Any]) -> tuple[pl.DataFrame, bool]:
    """Frames of pairs with nulls, scales, positions, and groups; whether in lists or arrays."""
    arrays = draw(st.booleans())
    lengths = draw(st.lists(st.integers(2, 6), max_size=20))
    if arrays:
        lengths = [3] * len(lengths)
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    rows: dict[str, list[Any]] = {name: [] for name in ("model", "human", "kind", "at", "group")}
    for k in lengths:
        for side in ("model", "human"):
            shares = rng.integers(0, 4, k) + np.eye(k)[0]
            rows[side].append((shares / shares.sum()).tolist() if rng.random() < 0.8 else None)
        rows["kind"].append(rng.choice(["ordinal", "nominal"]))
        rows["at"].append(np.cumsum(rng.random(k) + 0.1).tolist() if rng.random() < 0.5 else None)
        rows["group"].append(int(rng.integers(0, 3)))
    number = draw(st.sampled_from([pl.Float64, pl.Float32]))
    side = pl.Array(number, 3) if arrays else pl.List(number)
    schema = {"model": side, "human": side, "at": pl.List(pl.Float64)}
    frame = pl.DataFrame(rows, schema_overrides=schema | {"kind": pl.String, "group": pl.Int64})
    whole = pl.concat([frame[: len(frame) // 2], frame[len(frame) // 2 :]], rechunk=False)
    return whole.cast({"model": side, "human": side}), draw(st.booleans())


def expected(frame: pl.DataFrame, metric: str, **options: Any) -> pl.Series:
    """Scores of `score_batch` for the rows that are null on neither side."""
    numbered = frame.with_row_index("row")
    whole = numbered.drop_nulls(["model", "human"])
    given = {name: whole[column] for name, column in options.items()}
    scores = doxa.score_batch(whole["model"], whole["human"], metrics=metric, **given).scores
    found = whole.select("row", scores[metric].alias("model"))
    return numbered.select("row").join(found, on="row", how="left", maintain_order="left")["model"]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("metric", METRICS)
@settings(max_examples=15)
@given(frames())
def test_scores_are_those_of_score_batch_to_the_bit(
    engine: str, metric: str, made: tuple[pl.DataFrame, bool]
) -> None:
    frame, by_row = made
    options = {"scale": "kind", "positions": "at"} if by_row else {}
    columns = {name: pl.col(column) for name, column in options.items()}
    score = getattr(MODEL.doxa, metric)("human", **columns)
    wanted = expected(frame, metric, **options)
    query = frame.lazy().select(score)
    assert query.collect_schema() == {"model": pl.Float64}
    assert_series_equal(query.collect(engine=engine).to_series(), wanted, check_exact=True)
    grouped = frame.lazy().group_by("group").agg(score).sort("group").collect(engine=engine)
    wanted_lists = frame.with_columns(wanted).group_by("group").agg("model").sort("group")
    assert_frame_equal(grouped, wanted_lists, check_exact=True)
    over = frame.lazy().select(score.max().over("group")).collect(engine=engine)
    assert_frame_equal(
        over, frame.with_columns(wanted).select(MODEL.max().over("group")), check_exact=True
    )


@pytest.mark.parametrize("engine", ENGINES)
def test_blocks_of_a_long_frame_are_scored_alike(engine: str) -> None:
    long = pl.concat([PAIRS] * 60, rechunk=False)
    score = MODEL.doxa.js_divergence("human", scale=pl.col("kind"))
    found = long.lazy().select(score).collect(engine=engine)["model"]
    once = doxa.score_batch(
        PAIRS["model"], PAIRS["human"], metrics="js_divergence", scale=PAIRS["kind"].to_list()
    ).scores["js_divergence"]
    assert_series_equal(found, pl.concat([once] * 60).alias("model"), check_exact=True)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_single_distribution_goes_with_every_row(engine: str) -> None:
    frame = PAIRS.filter(MODEL.list.len() == 3)
    one = frame["human"][0].to_list()
    wanted = doxa.score_batch(frame["model"], [one] * len(frame)).scores["alignment"]
    for human in (pl.lit(one), pl.col("human").first()):
        found = frame.lazy().select(MODEL.doxa.alignment(human)).collect(engine=engine)
        assert_series_equal(found["model"], wanted.alias("model"), check_exact=True)
        other = frame.lazy().select(human.doxa.alignment("model").alias("x")).collect(engine=engine)
        assert_series_equal(other["x"], wanted.alias("x"), check_exact=True)
    by_country = frame.lazy().group_by("country").agg(MODEL.doxa.alignment(pl.col("human").first()))
    firsts = frame.with_columns(pl.col("human").first().over("country"))
    scores = doxa.score_batch(firsts["model"], firsts["human"]).scores["alignment"]
    assert_frame_equal(
        by_country.sort("country").collect(engine=engine),
        frame.with_columns(model=scores).group_by("country").agg("model").sort("country"),
        check_exact=True,
    )


def test_positions_and_a_scale_for_all_rows() -> None:
    frame = PAIRS.filter(MODEL.list.len() == 3)
    at = [1.0, 2.0, 4.0]
    found = frame.select(
        MODEL.doxa.wasserstein("human", positions=at).alias("ordinal"),
        MODEL.doxa.wasserstein("human", scale="nominal").alias("nominal"),
    )
    for name, options in (("ordinal", {"positions": at}), ("nominal", {"scale": "nominal"})):
        batch = doxa.score_batch(frame["model"], frame["human"], metrics="wasserstein", **options)
        assert_series_equal(found[name], batch.scores["wasserstein"], check_names=False)


def test_lists_of_whole_numbers_become_floats() -> None:
    frame = pl.DataFrame(
        {"model": [[0, 1]], "human": [[0.5, 0.5]]}, schema_overrides={"model": pl.List(pl.UInt32)}
    )
    assert frame.select(MODEL.doxa.alignment("human")).item() == 0.5
    assert frame.select(MODEL.list.to_array(2).doxa.alignment("human")).item() == 0.5
    with pytest.raises(InvalidDistributionError, match="sums to 3, not to 1: check it, or call"):
        frame.select(pl.lit([1, 2]).doxa.alignment("human"))


def test_columns_reach_the_core_without_a_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    def address(column: pl.Series) -> int:
        return int(column.to_arrow().flatten().buffers()[1].address)

    seen = []

    def score(model: pl.Series, human: pl.Series, **options: Any) -> Any:
        seen.append((address(model), address(human)))
        return doxa.score_batch(model, human, **options)

    monkeypatch.setattr(doxa.polars, "score_batch", score)
    arrays = PAIRS.filter(MODEL.list.len() == 3).rechunk().cast({"model": pl.Array(float, 3)})
    for frame in (PAIRS, arrays):
        seen.clear()
        frame.lazy().select(MODEL.doxa.alignment("human")).collect(engine="in-memory")
        assert seen == [(address(frame["model"]), address(frame["human"]))]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_wrong_row_is_told_as_by_score_batch_and_shown(engine: str) -> None:
    frame = pl.DataFrame(
        {"model": [None, [0.5, 0.5], [0.5, 0.25]], "human": [[0.5, 0.5], None, [0.1, 0.9]]}
    )
    row = 2 if engine == "in-memory" else r"\d"
    with pytest.raises(
        InvalidDistributionError,
        match=rf"model row {row} sums to 0.75, not to 1: .* \[0.5, 0.25\] beside \[0.1, 0.9\]",
    ):
        frame.lazy().select(MODEL.doxa.alignment("human")).collect(engine=engine)
    for bad, problem in (([], "is empty"), ([0.5, None], "holds a null"), ([1.0], "single option")):
        odd = pl.DataFrame({"model": [bad], "human": [[0.5, 0.5]]}).cast(pl.List(pl.Float64))
        with pytest.raises(InvalidDistributionError, match=f"model row 0 .*{problem}"):
            odd.lazy().select(MODEL.doxa.alignment("human")).collect(engine=engine)
    unlike = pl.DataFrame({"model": [[0.5, 0.5]], "human": [[0.5, 0.25, 0.25]]})
    with pytest.raises(InvalidDistributionError, match="2 options where the other side has 3"):
        unlike.lazy().select(MODEL.doxa.alignment("human")).collect(engine=engine)


def test_a_wrong_scale_is_told_with_its_row() -> None:
    frame = pl.DataFrame(
        {"model": [None, [0.5, 0.5]], "human": [[0.5, 0.5]] * 2, "kind": [None, "x"]}
    )
    with pytest.raises(InvalidArgumentError, match="scale 'x' of row 1 is neither"):
        frame.select(MODEL.doxa.alignment("human", scale=pl.col("kind")))
    with pytest.raises(InvalidArgumentError, match=r"give a column as pl\.col"):
        MODEL.doxa.alignment("human", scale="kind")


def test_several_columns_are_scored_at_once() -> None:
    frame = PAIRS.with_columns(other=MODEL.reverse().over(MODEL.list.len()))
    both = frame.select(pl.col("model", "other").doxa.alignment("human"))
    each = [frame.select(pl.col(name).doxa.alignment("human")) for name in ("model", "other")]
    assert_frame_equal(both, pl.concat(each, how="horizontal"), check_exact=True)


def test_the_model_column_names_the_score() -> None:
    names = PAIRS.select(
        MODEL.doxa.alignment("human"), MODEL.doxa.hellinger(pl.col("model")).alias("itself")
    )
    assert names.columns == ["model", "itself"]


def test_every_metric_is_a_method_that_is_documented() -> None:
    for metric in METRICS:
        method = getattr(PairExpressions, metric)
        assert method.__name__ == metric
        assert f'by "{metric}"' in method.__doc__


def test_a_bootstrap_is_that_of_score_batch() -> None:
    frame = PAIRS.with_columns(n=100 + pl.col("item").str.len_chars(), m=pl.lit(20))
    found = frame.doxa.bootstrap(
        by=["country", "wave"],
        items="item",
        metrics=["alignment", "hellinger"],
        scale=pl.col("kind"),
        resample=["items", "respondents", "replies"],
        human_n="n",
        model_n="m",
        n_resamples=50,
        seed=3,
    )
    batch = doxa.score_batch(
        frame["model"],
        frame["human"],
        groups=frame.select("country", "wave"),
        items=frame["item"],
        metrics=["alignment", "hellinger"],
        scale=frame["kind"],
        resample=["items", "respondents", "replies"],
        human_n=frame["n"],
        model_n=frame["m"],
        n_resamples=50,
        seed=3,
    )
    assert_frame_equal(found, batch.groups, check_exact=True)


def test_a_bootstrap_of_other_columns_and_of_all_rows() -> None:
    frame = PAIRS.filter(MODEL.list.len() == 3).rename({"model": "ours"})
    one = frame["human"][0].to_list()
    found = frame.doxa.bootstrap("ours", pl.lit(one), positions=[0, 1, 5], n_resamples=50)
    batch = doxa.score_batch(
        frame["ours"],
        [one] * len(frame),
        positions=[0, 1, 5],
        resample="items",
        n_resamples=50,
    )
    assert_frame_equal(found, batch.groups, check_exact=True)
    with pytest.raises(InvalidArgumentError, match="by names no column"):
        frame.doxa.bootstrap("ours", by=[])


def test_the_python_in_the_documentation_runs() -> None:
    page = (ROOT / "docs" / "how-to" / "scoring.md").read_text(encoding="utf-8")
    section = page.split("\n## ")[1]
    assert section.startswith("In Polars")
    names: dict[str, Any] = {}
    for block in re.findall(r"```python\n(.*?)```", section, flags=re.DOTALL):
        exec(compile(block, "scoring.md", "exec"), names)
    assert names["scored"]["llama_alignment"].null_count() == 2
    assert names["by_country"].shape == (2, 3)
    assert names["table"].columns[:4] == ["country", "metric", "n", "estimate"]


def test_doxa_does_not_import_it() -> None:
    code = (
        "import doxa, polars as pl\n"
        "doxa.score_batch([[0.5, 0.5]], [[0.5, 0.5]]).scores\n"
        "print(hasattr(pl.Expr, 'doxa'), hasattr(doxa.polars, 'PairFrame'))\n"
        "print(hasattr(pl.Expr, 'doxa'), hasattr(pl.DataFrame, 'doxa'))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.split() == ["False", "True", "True", "True"]

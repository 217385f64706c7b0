from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

import doxa
from doxa.errors import FileError, InvalidArgumentError, InvalidDistributionError

if TYPE_CHECKING:
    from pathlib import Path

ROWS = 5_000


@pytest.fixture
def pairs() -> pl.DataFrame:
    rng = np.random.default_rng(0)
    lengths = rng.integers(2, 7, ROWS)
    sides = [[rng.dirichlet(np.ones(k)) for k in lengths] for _ in range(2)]
    return pl.DataFrame(
        {
            "country": rng.choice(["JPN", "USA", "COL"], ROWS),
            "kind": rng.choice(["ordinal", "nominal"], ROWS),
            "model": pl.Series(sides[0], dtype=pl.List(pl.Float64)),
            "human": pl.Series(sides[1], dtype=pl.List(pl.Float64)),
        }
    )


@pytest.mark.parametrize("batch_rows", [7, 999, 100_000])
def test_a_file_is_scored_as_its_frame_is(
    pairs: pl.DataFrame, tmp_path: Path, batch_rows: int
) -> None:
    source, out = tmp_path / "pairs.parquet", tmp_path / "scores.parquet"
    pairs.write_parquet(source, row_group_size=700)
    metrics = ["alignment", "mean_difference"]
    table = doxa.score.score_parquet(
        source,
        out,
        metrics=metrics,
        scale_column="kind",
        groups=["country"],
        batch_rows=batch_rows,
    )
    expected = doxa.score_batch(
        pairs["model"],
        pairs["human"],
        metrics=metrics,
        scale=pairs["kind"],
        groups=pairs.select("country"),
    )
    written = pl.read_parquet(out)
    assert written.columns == ["country", "kind", *metrics]
    assert written.select(metrics).equals(expected.scores)
    order = ["country", "metric"]
    found, wanted = table.sort(order), expected.groups.sort(order)
    assert found.drop("estimate").equals(wanted.drop("estimate"))
    # the same bits, whatever the batches
    assert table.equals(
        doxa.score_parquet(pairs.lazy(), metrics=metrics, scale_column="kind", groups=["country"])
    )
    assert found["estimate"].to_numpy() == pytest.approx(wanted["estimate"].to_numpy(), abs=1e-13)


def test_a_bad_row_is_counted_from_the_start_and_leaves_no_file(
    pairs: pl.DataFrame, tmp_path: Path
) -> None:
    model = pairs["model"].to_list()
    model[3_210] = [0.5, 0.6]
    out = tmp_path / "scores.parquet"
    bad = pairs.with_columns(model=pl.Series(model))
    with pytest.raises(InvalidDistributionError, match=r"model row 3210 sums to 1\.1") as caught:
        doxa.score.score_parquet(bad.lazy(), out, batch_rows=1_000)
    assert caught.value.row == 3_210
    assert list(tmp_path.iterdir()) == []


def test_wrong_options_are_told(pairs: pl.DataFrame, tmp_path: Path) -> None:
    with pytest.raises(InvalidArgumentError, match="batch_rows=0"):
        doxa.score.score_parquet(pairs.lazy(), batch_rows=0)
    with pytest.raises(InvalidArgumentError, match="no column 'reply'"):
        doxa.score.score_parquet(pairs.lazy(), model="reply")
    with pytest.raises(InvalidArgumentError, match="has no rows"):
        doxa.score.score_parquet(pairs.clear().lazy(), tmp_path / "out.parquet")


def test_the_source_is_not_replaced_by_its_scores(tmp_path: Path) -> None:
    path = tmp_path / "pairs.parquet"
    pl.DataFrame({"model": [[0.4, 0.6]], "human": [[0.5, 0.5]]}).write_parquet(path)
    before = path.read_bytes()
    (tmp_path / "link.parquet").symlink_to(path)
    for out in (path, tmp_path / "link.parquet", tmp_path / "x" / ".." / "pairs.parquet"):
        (tmp_path / "x").mkdir(exist_ok=True)
        with pytest.raises(InvalidArgumentError, match="out is the source"):
            doxa.score_parquet(path, out)
    assert path.read_bytes() == before


def test_a_name_with_brackets_is_no_pattern(tmp_path: Path) -> None:
    for name, model in (("h[1]", [0.25, 0.75]), ("h1", [0.5, 0.5])):
        frame = pl.DataFrame({"model": [model], "human": [[0.5, 0.5]]})
        with (tmp_path / f"{name}.parquet").open("wb") as file:
            frame.write_parquet(file)
    assert doxa.score_parquet(tmp_path / "h[1].parquet")["estimate"].to_list() == [0.75]


@pytest.fixture
def folder(pairs: pl.DataFrame, tmp_path: Path) -> Path:
    folder = tmp_path / "pairs"
    folder.mkdir()
    for number, (start, rows) in enumerate([(0, 2_000), (2_000, 0), (2_000, 2_999), (4_999, 1)]):
        pairs[start : start + rows].write_parquet(folder / f"part-{number}.parquet")
    (folder / ".part-9.parquet").write_bytes(b"what another program has not finished")
    (folder / "_SUCCESS").touch()
    return folder


@pytest.mark.parametrize("batch_rows", [900, 100_000])
def test_a_folder_is_scored_as_one_file_is(
    pairs: pl.DataFrame, folder: Path, batch_rows: int
) -> None:
    pairs.with_columns(item=pl.int_range(pl.len()) % 40).write_parquet(folder / "whole")
    for file in folder.glob("part-*"):
        start = {"0": 0, "1": 2_000, "2": 2_000, "3": 4_999}[file.stem[-1]]
        rows = pl.int_range(start, start + pl.len())
        pl.read_parquet(file).with_columns(item=rows % 40).write_parquet(file)
    options = {"groups": ["country"], "items": "item", "resample": "items", "n_resamples": 50}
    found = doxa.score_parquet(folder, batch_rows=batch_rows, **options)
    assert found.equals(doxa.score_parquet(folder / "whole", **options))
    out = folder / "out"
    doxa.score_parquet(folder, out, batch_rows=batch_rows)
    assert pl.read_parquet(out)["alignment"].equals(
        doxa.score_batch(pairs["model"], pairs["human"]).scores["alignment"]
    )


def test_a_bad_row_of_a_folder_is_named_with_its_file(folder: Path) -> None:
    file = folder / "part-2.parquet"
    frame = pl.read_parquet(file)
    model = frame["model"].to_list()
    model[1_234] = [0.5, 0.6]
    frame.with_columns(model=pl.Series(model)).write_parquet(file)
    with pytest.raises(InvalidDistributionError, match=r"^\S+part-2\.parquet: model row 1234 sums"):
        doxa.score_parquet(folder, batch_rows=500)
    frame.with_columns(kind=pl.lit("cardinal")).write_parquet(file)
    with pytest.raises(InvalidArgumentError, match=r"part-2\.parquet: scale 'cardinal' of row 0"):
        doxa.score_parquet(folder, scale_column="kind")
    frame.drop("kind").write_parquet(file)
    with pytest.raises(InvalidArgumentError, match=r"part-2\.parquet has no column 'kind'"):
        doxa.score_parquet(folder, scale_column="kind")
    file.write_bytes(b"PAR1 and no more")
    with pytest.raises(FileError, match=r"part-2\.parquet: cut short or damaged"):
        doxa.score_parquet(folder)


def test_a_wrong_kind_is_counted_from_the_first_row(pairs: pl.DataFrame) -> None:
    kinds = pairs["kind"].to_list()
    kinds[3_210] = "cardinal"
    wrong = pairs.with_columns(kind=pl.Series(kinds)).lazy()
    with pytest.raises(InvalidArgumentError, match="scale 'cardinal' of row 3210"):
        doxa.score_parquet(wrong, scale_column="kind", batch_rows=1_000)


def test_a_folder_without_files_and_a_missing_one_are_told(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"holds no file named \*\.parquet"):
        doxa.score_parquet(tmp_path)
    with pytest.raises(FileError, match="no such file"):
        doxa.score_parquet(tmp_path / "none", tmp_path)


def test_no_rows_give_a_table_without_means(pairs: pl.DataFrame, tmp_path: Path) -> None:
    pairs.clear().write_parquet(tmp_path / "none.parquet")
    assert doxa.score_parquet(tmp_path).rows() == [("alignment", 0, None)]
    assert doxa.score_parquet(pairs.clear().lazy(), groups=["country"]).rows() == []

"""From names, folders and files to recordings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest
from made_up import BANK, made_up_replies

from doxa.errors import InvalidArgumentError
from doxa.evaluate import name_models, read_sources, rename_models, sources
from doxa.recorded import Recording
from doxa.survey import sample

if TYPE_CHECKING:
    from pathlib import Path

COUNTS = sample()


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folders: both (two models), alpha and beta (one each), again (alpha once more)."""
    replies = made_up_replies()
    models = {"both": ["alpha", "beta"], "alpha": ["alpha"], "beta": ["beta"], "again": ["alpha"]}
    for name in models:
        (tmp_path / name).mkdir()

    def read(path: Path, **_: object) -> Recording:
        return Recording(replies.filter(pl.col("model").is_in(models[path.name])))

    monkeypatch.setattr(sources, "read_run", read)
    return tmp_path


def named(*names: object, runs: tuple[object, ...] = ()) -> tuple[list[str], list[Recording]]:
    return name_models([*map(str, names)], [*map(str, runs)], COUNTS, BANK)


def test_models_are_named_by_themselves_or_by_their_folder(runs: Path) -> None:
    models, recordings = named("alpha", "beta", runs=(runs / "both",))
    assert (models, len(recordings)) == (["alpha", "beta"], 1)
    models, recordings = named(runs / "alpha", runs / "beta")
    assert (models, len(recordings)) == (["alpha", "beta"], 2)
    models, recordings = named("alpha", runs / "beta", runs=(runs / "alpha",))
    assert (models, len(recordings)) == (["alpha", "beta"], 2)


def test_two_runs_of_one_model_are_told_apart_by_their_folders(runs: Path) -> None:
    models, recordings = named(runs / "alpha", runs / "again")
    assert models == ["alpha", str(runs / "again")]
    assert [set(one.replies["model"]) for one in recordings] == [{model} for model in models]


def test_what_names_no_model_is_told(runs: Path) -> None:
    with pytest.raises(InvalidArgumentError, match="alpha is not the folder of a run: name one"):
        named("alpha", "beta")
    with pytest.raises(InvalidArgumentError, match=r"holds 2 models .alpha, beta.: name two and"):
        named(runs / "both", "beta", runs=(runs / "beta",))


def test_without_names_all_that_is_read_holds_two_models(runs: Path) -> None:
    models, recordings = named(runs=(runs / "both",))
    assert (models, len(recordings)) == (["alpha", "beta"], 1)
    assert named(runs=(runs / "beta", runs / "alpha"))[0] == ["beta", "alpha"]
    # as a shell reads  --from beta alpha
    assert named(runs / "alpha", runs=(runs / "beta",))[0] == ["beta", "alpha"]
    assert named("alpha", runs=(runs / "beta", runs / "alpha"))[0] == ["alpha", "beta"]
    for given in ((runs / "both", runs / "beta"), (runs / "alpha",)):
        with pytest.raises(InvalidArgumentError, match=r"models? in all \(alpha.*: name the two"):
            named(runs=given)
    with pytest.raises(InvalidArgumentError, match=r"2 models in all \(alpha, beta\)"):
        named("gamma", runs=(runs / "both",))


def test_a_model_in_two_recordings_is_named_after_the_second(tmp_path: Path) -> None:
    files = [tmp_path / "one.parquet", tmp_path / "two.parquet"]
    for file in files:
        made_up_replies().filter(model="alpha").write_parquet(file)
    models, recordings = named(runs=tuple(files))
    assert models == ["alpha", str(files[1])]
    assert [set(one.replies["model"]) for one in recordings] == [{model} for model in models]
    assert named(*files)[0] == models
    made_up_replies().write_parquet(files[1])
    with pytest.raises(InvalidArgumentError, match=r"3 models in all \(alpha, alpha in .*, beta"):
        named(runs=tuple(files))


def test_replies_steered_towards_countries_without_counts_are_left_out(tmp_path: Path) -> None:
    file = tmp_path / "replies.parquet"
    replies = made_up_replies().head(4).with_columns(
        steering=pl.lit("persona"), target=pl.Series(["JPN", "USA", "FRA", "BGD"])
    )  # fmt: skip
    replies.write_parquet(file)

    def targets(wave: int | None) -> set[str]:
        (recording,) = read_sources([], [file], COUNTS, BANK, wave=wave)
        return set(recording.replies["target"])

    assert targets(7) == targets(None) == {"JPN", "USA", "BGD"}
    assert targets(5) == {"JPN", "USA"}


def test_runs_come_before_files(runs: Path, tmp_path: Path) -> None:
    file = tmp_path / "replies.parquet"
    made_up_replies().head(4).write_parquet(file)
    one, other = read_sources([runs / "beta"], [file], COUNTS, BANK)
    assert set(one.replies["model"]) == {"beta"}
    assert other.name == str(file)


def test_models_are_shown_under_new_names() -> None:
    recordings = [Recording(made_up_replies())]
    renamed = rename_models(recordings, {"alpha": "Alpha 1B"})
    assert set(renamed[0].replies["model"]) == {"Alpha 1B", "beta"}
    assert renamed[0].replies["model"].to_list().count("Alpha 1B") == recordings[0].replies[
        "model"
    ].to_list().count("alpha")
    with pytest.raises(InvalidArgumentError, match="no model 'gamma' to rename: there are alpha"):
        rename_models(recordings, {"gamma": "delta"})
    with pytest.raises(InvalidArgumentError, match="two models would be named 'beta'"):
        rename_models(recordings, {"alpha": "beta"})
    one = rename_models(recordings, {"alpha": "both", "beta": "both"})
    assert {name for each in one for name in each.replies["model"]} == {"both"}

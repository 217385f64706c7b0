"""`doxa compare`, in process, over recordings made up."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import polars as pl
import pytest
from made_up import made_up_replies
from typer.testing import CliRunner

from doxa.cli import app
from doxa.evaluate import sources
from doxa.recorded import Recording

if TYPE_CHECKING:
    from pathlib import Path


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


def rows(*arguments: object) -> list[dict[str, object]]:
    quick = ("--resamples", "50", "--json")
    done = CliRunner().invoke(app, ["compare", *map(str, arguments), *quick])
    assert done.exit_code == 0, done.output
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_names_and_folders_give_the_same(runs: Path) -> None:
    named = rows("alpha", "beta", "--run", runs / "both")
    assert named == rows(runs / "alpha", runs / "beta")
    assert named == rows("alpha", runs / "beta", "--run", runs / "alpha")
    assert {row["steering"] for row in named} == {
        "none", "persona", "time-6", "time-6_persona",
    }  # fmt: skip
    assert all(row["p_value"] <= row["p_adjusted"] for row in named)  # type: ignore[operator]
    (whole,) = rows(runs / "alpha", runs / "beta", "--by", "")
    assert (whole["a"], whole["b"], whole["n_items"]) == ("alpha", "beta", 36)


def test_two_runs_of_one_model_are_told_apart_by_their_folders(runs: Path) -> None:
    (row,) = rows(runs / "alpha", runs / "again", "--by", "")
    assert (row["a"], row["b"]) == ("alpha", str(runs / "again"))
    assert (row["estimate"], row["low"], row["high"]) == (0, 0, 0)


def test_recordings_of_any_kind_are_compared(runs: Path) -> None:
    whole = ("--by", "")
    named = rows("alpha", "beta", "--run", runs / "both", *whole)
    file = runs / "beta.parquet"
    made_up_replies().filter(model="beta").write_parquet(file)
    assert named == rows("--from", runs / "alpha", file, *whole)
    assert named == rows("alpha", "beta", "--run", runs / "alpha", "--from", file, *whole)
    (row,) = rows("--from", runs / "beta", "--from", file, *whole)
    assert (row["a"], row["b"], row["estimate"]) == ("beta", str(file), 0)
    done = CliRunner().invoke(app, ["compare", "alpha", "beta", "gamma"])
    assert (done.exit_code, "3 models: name two at most" in done.output) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("alpha", "beta"), "alpha is not the folder of a run"),
        (("both", "beta"), "holds 2 models .alpha, beta.: name two and pass --run"),
        (("alpha", "gamma", "--run", "both"), "no model 'gamma': there are alpha, beta"),
        (("alpha", "beta", "--run", "both", "--by", "colour"), "by='colour'"),
        (("alpha", "beta", "--run", "both", "--correction", "luck"), "correction='luck'"),
    ],
)
def test_an_impossible_comparison_is_an_error(
    runs: Path, arguments: tuple[str, ...], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if arguments[0] == "both":
        monkeypatch.chdir(runs)
    given = [str(runs / part) if part == "both" else part for part in arguments]
    done = CliRunner().invoke(app, ["compare", *given])
    with pytest.raises(Exception, match=says):
        raise done.exception or AssertionError(done.output)

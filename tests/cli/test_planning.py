from __future__ import annotations

import json
from typing import TYPE_CHECKING

import polars as pl
import pytest
from made_up import made_up_replies
from typer.testing import CliRunner

from doxa.cli import app

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What was exported of a run with two models."""
    file = tmp_path_factory.mktemp("planning") / "replies.parquet"
    made_up_replies().write_parquet(file)
    return file


def rows(*arguments: object) -> list[dict[str, object]]:
    done = CliRunner().invoke(app, ["power", *map(str, arguments), "--json"])
    assert done.exit_code == 0, done.output
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_each_model_is_compared_with_the_baseline_or_with_another(run: Path) -> None:
    quick = ("--from", run, "--resamples", "50", "--difference", "0.02")
    found = pl.DataFrame(rows(*quick))
    assert found["a"].unique(maintain_order=True).to_list() == ["alpha", "beta"]
    assert found["b"].unique().to_list() == ["baseline: leave_one_out"]
    assert found["source"].head(4).to_list() == ["items", "respondents", "replies", "forms"]
    assert found.filter(source="items")["estimate"].min() > 36  # type: ignore[operator]
    both = pl.DataFrame(rows(*quick, "--models", "alpha,beta"))
    assert set(both.select("a", "b").rows()) == {("alpha", "beta")}


def test_without_a_run_it_plans_from_what_is_expected() -> None:
    found = pl.DataFrame(rows("--spread", "0.1", "--form-spread", "0.1", "--difference", "0.02"))
    assert found["n_forms"].to_list() == [1, 2, 4, 8, 16]
    assert found["n_items"].to_list() == sorted(found["n_items"], reverse=True)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "name a run, or say with --spread what you expect"),
        (("--from", "run", "--spread", "0.1"), "leave one of both out"),
        (("--from", "run", "--models", "a,b,c"), "name two at most"),
        (("--from", "run", "--models", "gamma"), "no model 'gamma': there are alpha, beta"),
        (("--from", "run", "--difference", "2"), "difference=2.0: it must lie above 0"),
        (("--spread", "0"), "spread=0.0"),
        (("--spread", "0.1", "--power", "1"), "power=1.0"),
    ],
)
def test_an_impossible_plan_is_an_error(run: Path, arguments: tuple[str, ...], says: str) -> None:
    given = [str(run) if part == "run" else part for part in arguments]
    done = CliRunner().invoke(app, ["power", *given])
    assert done.exit_code in (1, 2)
    told = f"{done.output} {done.exception}".replace("│", " ")
    assert says in " ".join(told.split())
    assert "Traceback" not in done.output

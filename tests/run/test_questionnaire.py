from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from own_questionnaire import TOML
from tiny_models import bigram

from doxa.errors import ExperimentError
from doxa.questionnaire import QuestionBank
from doxa.questionnaire.own_text import own_text
from doxa.run import Experiment, ask
from doxa.run.merge import merge
from doxa.run.questionnaire import NOTE, refuse_other_items, saved_questionnaire
from doxa.store import Store

OWN = QuestionBank.of_text(TOML, Path("mine.toml"))
WHERE = Path("runs/x")


def experiment() -> Experiment:
    return Experiment.from_grid([str(bigram())], bank=OWN, elicitations=["logprobs"], n_examples=0)


def test_a_run_keeps_its_questionnaire_and_takes_a_longer_one(tmp_path: Path) -> None:
    file = tmp_path / "replies.sqlite"
    ask(experiment(), file, bank=OWN)
    with Store.read(file) as store:
        kept = saved_questionnaire(store.metadata, file)
        assert store.metadata[NOTE] == own_text(OWN)
    assert kept is not None
    assert kept.question("home", "es").text == OWN.question("home", "es").text
    more = TOML + TOML[TOML.index("[items.best]") : TOML.index("[items.matter]")].replace(
        "items.best", "items.worst"
    )
    longer = QuestionBank.of_text(more, WHERE)
    ask(replace(experiment(), items=("home", "worst")), file, bank=longer)
    with Store.read(file) as store:
        assert sorted(store.replies()["question"].unique()) == ["best", "home", "matter", "worst"]
        assert "[items.worst]" in store.metadata[NOTE]
    other = QuestionBank.of_text(TOML.replace("all work", "none work"), WHERE)
    with pytest.raises(ExperimentError, match="asked 'Working life', and runs/x differs in home"):
        ask(experiment(), file, bank=other)


def test_merged_runs_keep_it(tmp_path: Path) -> None:
    ask(experiment(), tmp_path / "a.sqlite", bank=OWN)
    merge([tmp_path / "a.sqlite"], tmp_path / "b.sqlite")
    with Store.read(tmp_path / "b.sqlite") as store:
        assert store.metadata[NOTE] == own_text(OWN)
    ask(experiment(), tmp_path / "c.sqlite", bank=QuestionBank.of_text(TOML + "\n", WHERE))
    merge([tmp_path / "c.sqlite"], tmp_path / "b.sqlite")
    renamed = QuestionBank.of_text(TOML.replace("Working", "Busy"), WHERE)
    ask(experiment(), tmp_path / "d.sqlite", bank=renamed)
    with pytest.raises(ExperimentError, match="their questionnaires differ"):
        merge([tmp_path / "d.sqlite"], tmp_path / "b.sqlite")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("[items.best]", "[items.worst]", "differs in best: it has no such item"),
        ("codes = [1, 2]", "codes = [2, 1]", "differs in best: its scale is another"),
        ("Hard to say", "Unsure", "differs in best: its words in en are others"),
        ("labels.es", "labels.fr", ""),
    ],
)
def test_other_items_are_refused(old: str, new: str, says: str) -> None:
    text = TOML.replace(old, new)
    if not says:
        text, says = text.replace(", es =", ", fr ="), "differs in home: it has no words in es"
    with pytest.raises(ExperimentError, match=says):
        refuse_other_items(OWN, QuestionBank.of_text(text, Path("mine.toml")), WHERE)
    refuse_other_items(OWN, OWN, WHERE)

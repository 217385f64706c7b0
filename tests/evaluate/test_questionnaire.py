from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from own_questionnaire import TOML
from tiny_models import bigram

from doxa.errors import ExperimentError, InvalidArgumentError
from doxa.evaluate import evaluate, questionnaire_of, read_people, share_run
from doxa.questionnaire import QuestionBank
from doxa.recorded import store_path
from doxa.run import Experiment, ask

OWN = QuestionBank.of_text(TOML, Path("mine.toml"))
PEOPLE = "wave,country,question,code,n\n" + "".join(
    f"{wave},DEU,{item},{code},{50 + 10 * code}\n"
    for wave in (1, 2)
    for item, codes in (("home", (1, 2, 3, 4)), ("best", (1, 2)), ("matter", (0, 1, 2, 3)))
    for code in codes
)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("own")
    experiment = Experiment.from_grid(
        [str(bigram())], bank=OWN, elicitations=["logprobs"], n_examples=0
    )
    ask(experiment, store_path(folder), bank=OWN)
    (folder / "people.csv").write_text(PEOPLE)
    return folder


def test_a_run_is_scored_by_what_it_keeps(run: Path) -> None:
    assert questionnaire_of([run]).name == "Working life"
    with pytest.raises(InvalidArgumentError, match="no people's answers to a questionnaire of"):
        evaluate(run)
    people = read_people(run / "people.csv", bank=OWN)
    assert people["survey"].unique().to_list() == ["people"]
    assert people["country"].unique().to_list() == ["DEU"]
    scored = evaluate(run, people.filter(wave=2).with_columns(wave=pl.lit(7)))
    assert scored.alignment["n_items"].to_list() == [3]
    bundle = run / "a.doxa"
    share_run(run, bundle, people, OWN)
    assert questionnaire_of([bundle]).name == "Working life"


def test_another_questionnaire_is_refused(run: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(TOML.replace("codes = [1, 2]", "codes = [2, 1]"))
    with pytest.raises(ExperimentError, match="differs in best: its scale is another"):
        questionnaire_of([run], tmp_path / "mine.toml")
    assert questionnaire_of([]) is QuestionBank.load()

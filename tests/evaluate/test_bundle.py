from __future__ import annotations

import hashlib
import json
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from tiny_models import bigram

from doxa.analysis import Settings
from doxa.errors import QuestionnaireError, RecordingError, StoreError
from doxa.evaluate import evaluate, read_source, share_run
from doxa.questionnaire import QuestionBank
from doxa.questionnaire.scale import Scale
from doxa.recorded import read_run, store_path
from doxa.run import Experiment, ask
from doxa.survey import sample

if TYPE_CHECKING:
    from pathlib import Path

    from doxa.questionnaire import Item

BANK = QuestionBank.load()
COUNTS = sample()
QUICK = Settings(n_resamples=20)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "one"
    experiment = Experiment.from_grid(
        [str(bigram())],
        bank=BANK,
        languages=["en", "ja"],
        steering=["none", "few-shot"],
        targets=["JPN"],
        items=["Q1", "Q46", "Q57", "Q122"],
        elicitations=["logprobs"],
        n_examples=2,
        human=COUNTS,
    )
    ask(experiment, store_path(folder), bank=BANK, human=COUNTS)
    return folder


@pytest.fixture
def bundle(run: Path, tmp_path: Path) -> Path:
    out = tmp_path / "run.doxa"
    share_run(run, out, COUNTS, BANK)
    return out


def test_a_bundle_gives_the_scores_of_the_run_to_the_bit(run: Path, bundle: Path) -> None:
    ours, theirs = (evaluate(one, COUNTS, BANK, QUICK) for one in (run, bundle))
    assert ours.excluded == theirs.excluded
    assert ours.excluded
    assert_frame_equal(ours.alignment, theirs.alignment, check_exact=True)
    assert_frame_equal(ours.prompts, theirs.prompts)
    assert "human answers the same as its maker's" in theirs.provenance[f"bundle {bundle}"]
    assert read_source(bundle, COUNTS, BANK).unknown == read_run(run).unknown


def test_a_bundle_holds_no_human_answers(bundle: Path) -> None:
    with zipfile.ZipFile(bundle) as archive:
        people = json.loads(archive.read("people.json"))
        asked = json.loads(archive.read("questionnaire.json"))
    assert set(people["populations"]) >= {"WVS 7 JPN", "WVS 7 USA", "WVS 5 JPN"}
    assert all(len(one) == 16 for one in people["populations"].values())
    assert list(asked) == ["Q1", "Q122", "Q46", "Q57"]
    assert asked["Q122"]["codes"] == [*BANK.items["Q122"].scale.codes]
    assert asked["Q1"]["wording"]["ja"]["text"] == BANK.question("Q1", "ja").text


def test_other_human_answers_are_named(bundle: Path) -> None:
    def told(counts: pl.DataFrame) -> str:
        unknown = read_source(bundle, counts, BANK).unknown
        return unknown.get("whether its maker saw these scores", "")

    one = (pl.col("country") == "JPN") & (pl.col("question") == "Q57") & (pl.col("wave") == 7)
    more = pl.when(one).then(pl.col("n") + 1).otherwise("n").alias("n")
    assert told(COUNTS.sample(fraction=1.0, shuffle=True, seed=1)) == ""
    assert "others: WVS 7 JPN" in told(COUNTS.with_columns(more))
    assert "only there: WVS 7 USA" in told(
        COUNTS.filter(~((pl.col("country") == "USA") & (pl.col("wave") == 7)))
    )
    new = COUNTS.filter(one).with_columns(country=pl.lit("AND"))
    assert "only here: WVS 7 AND" in told(pl.concat([COUNTS, new]))
    # an item that was not asked enters no score
    assert told(COUNTS.with_columns(n=pl.when(question="Q2").then(1.0).otherwise("n"))) == ""


def _bank(without: str, **items: Item) -> QuestionBank:
    """The shipped questionnaire with other items, in the same words."""
    bank = QuestionBank.load(BANK.path)
    bank._read = {code: bank.language(code) for code in ("en", "ja")}
    bank.items = {name: one for name, one in BANK.items.items() if name != without} | items
    return bank


def test_another_scale_is_refused_and_other_words_are_told(bundle: Path) -> None:
    turned = replace(BANK.items["Q57"], scale=Scale("ordinal", (2, 1)), listed=(), labelled=())
    with pytest.raises(RecordingError, match=r"Q57 has another scale of this doxa .*: score it"):
        read_source(bundle, COUNTS, _bank("", Q57=turned))
    with pytest.raises(RecordingError, match="Q57 is not in the questionnaire of this doxa"):
        read_source(bundle, COUNTS, _bank("Q57"))
    reworded = QuestionBank.load(BANK.path)
    language = reworded.language("ja")
    words = replace(language.questions["Q1"], text="?")
    reworded._read["ja"] = replace(language, questions={**language.questions, "Q1": words})
    unknown = read_source(bundle, COUNTS, reworded).unknown
    assert unknown["whether new replies would be comparable"].startswith(
        "the wording of Q1 (ja) is another here"
    )


def test_a_run_that_cannot_be_shared_is_told(run: Path, tmp_path: Path) -> None:
    with pytest.raises(QuestionnaireError, match="no item 'Q57'"):
        share_run(run, tmp_path / "a.doxa", COUNTS, _bank("Q57"))
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"cannot be written"):
        share_run(run, tmp_path / "file" / "a.doxa", COUNTS, BANK)
    with pytest.raises(StoreError, match="no run at"):
        share_run(tmp_path / "none", tmp_path / "a.doxa", COUNTS, BANK)


def test_what_a_bundle_says_of_people_may_be_anything(bundle: Path) -> None:
    for name, text in (("people.json", "[]"), ("questionnaire.json", '{"Q1": {"codes": 1}}')):
        with zipfile.ZipFile(bundle) as archive:
            found = {one: archive.read(one) for one in archive.namelist()}
        manifest = json.loads(found["manifest.json"])
        manifest["sha256"][name] = hashlib.sha256(text.encode()).hexdigest()
        found |= {name: text.encode(), "manifest.json": json.dumps(manifest).encode()}
        other = bundle.with_name(f"{name}.doxa")
        with zipfile.ZipFile(other, "w") as archive:
            for one, data in found.items():
                archive.writestr(one, data)
        with pytest.raises(StoreError, match="what it says of people and items cannot be read"):
            read_source(other, COUNTS, BANK)

"""The study's rules, against the study's recorded replies and an independent computation."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

from doxa.analysis import Settings
from doxa.errors import InvalidArgumentError, NoDataError
from doxa.evaluate import Evaluation, evaluate
from doxa.evaluate.preset import liu2026, score_by_preset
from doxa.questionnaire import QuestionBank
from doxa.recorded import examples_of, read_recording
from doxa.survey import read_counts

if TYPE_CHECKING:
    from pathlib import Path

BANK = QuestionBank.load()
KEYS = ["model", "condition", "country"]


@pytest.fixture(scope="module")
def study(oracle: Path) -> Evaluation:
    counts = read_counts(oracle / "wvs_counts.csv")
    countries = counts.filter(wave=7)["country"].unique()
    recording = read_recording(oracle / "responses.parquet", bank=BANK, targets=countries)
    return evaluate([recording], counts, BANK, Settings(n_resamples=20))


def test_all_cells_of_the_japanese_table(study: Evaluation, oracle: Path) -> None:
    expected = pl.read_csv(oracle / "expected_table7_japan.csv")
    found = expected.join(score_by_preset(study, "liu2026"), on=KEYS)
    assert found.height == 24
    assert (found["alignment"] - found["recomputed"]).abs().max() < 1e-6
    assert (found["n_items"] == found["n_items_right"]).all()


def test_every_condition_against_its_target_and_none_against_all(study: Evaluation) -> None:
    found = score_by_preset(study, "liu2026")
    assert set(found.filter(condition="none")["country"]) == {"BGD", "COL", "JPN", "USA"}
    assert set(found.filter(condition="persona")["country"]) == {"JPN"}
    assert not found.select(KEYS).is_duplicated().any()


def test_none_against_the_united_states_by_numpy(study: Evaluation, oracle: Path) -> None:
    replies = pl.read_parquet(oracle / "responses.parquet").filter(
        condition="none", model="Qwen2.5"
    )
    people = study.counts.filter(wave=7, country="USA")
    scores = []
    for question, text in replies.select("question", "response").iter_rows():
        if question not in BANK.items or question in examples_of("USA"):
            continue
        listed = (1, 2, 3) if question == "Q111" else BANK.items[question].listed
        said = {str(k): float(str(v).rstrip("%")) for k, v in ast.literal_eval(text).items()}
        counted = dict(people.filter(question=question).select("code", "n").iter_rows())
        p = np.array([said.get(str(code), 0.0) for code in listed])
        q = np.array([counted.get(code, 0.0) for code in listed])
        steps = np.abs(np.cumsum(p / p.sum()) - np.cumsum(q / q.sum()))
        scores.append(1 - steps.sum() / (len(listed) - 1))
    row = score_by_preset(study, "liu2026").row(
        by_predicate=(pl.col("model") == "Qwen2.5")
        & (pl.col("condition") == "none")
        & (pl.col("country") == "USA"),
        named=True,
    )
    assert row["n_items"] == len(scores)
    assert row["alignment"] == pytest.approx(np.mean(scores), abs=1e-12)


def test_doxas_own_rules_stand_beside(study: Evaluation) -> None:
    both = score_by_preset(study, "liu2026", beside=True)
    assert both["default_n_items"].n_unique() == 1
    assert (both["default_low"] <= both["default_alignment"]).all()
    gap = both["alignment"] - both["default_alignment"] - both["difference"]
    assert gap.abs().max() < 1e-12


def replies(*texts: str, probabilities: list[float] | None = None) -> pl.DataFrame:
    one = {
        "model": "m", "elicitation": "verbalized", "language": "en", "steering": "none",
        "target": "", "group": "", "reasoning": "off", "question": "Q122", "codes": [0, 1, 2],
        "probabilities": probabilities, "backend": "recorded", "option_order": "listed",
    }  # fmt: skip
    return pl.DataFrame([one | {"text": text} for text in texts])


def counts(*numbers: float) -> pl.DataFrame:
    rows = [
        {"wave": 7, "country": "JPN", "question": "Q122", "code": code, "n": n}
        for code, n in enumerate(numbers)
    ]
    return pl.DataFrame(rows)


@pytest.mark.parametrize(
    ("text", "alignment"),
    [
        ("{'2': '100%', '1': '0%', '0': '0%'}", 0.0),
        ("{0: '50%', 1: '50%'}", 0.75),
        ("{'0': '20%', '1': '20%', '9': '60%'}", 0.75),
        ("{'0': '70%', '1': '70%'}", 0.75),
    ],
)
def test_shares_are_of_the_listed_codes_and_divided_by_their_sum(
    text: str, alignment: float
) -> None:
    found = liu2026(replies(text), counts(10.0, 0.0, 0.0), BANK)
    assert found["alignment"].item() == pytest.approx(alignment)


@pytest.mark.parametrize(
    ("text", "order"),
    [
        # shown: 1 Agree (code 2), 2 hard to say (1), 3 disagree (0)
        ('{"1": 90, "2": 10, "3": 0}', "listed"),
        ('"1": 90, "2": 10, "3": 0}', "listed"),
        ('{"1": 0, "2": 10, "3": 90}', "reversed"),
        ('{"A": 90, "B": 10, "C": 0}', "listed"),
        # the study divides by the sum, whatever it is
        ('{"1": 45, "2": 5}', "listed"),
    ],
)
def test_labels_of_doxa_s_own_runs_are_no_codes(text: str, order: str) -> None:
    """They were taken for codes: on Q122 "1" was read as "hard to say"."""
    own = replies(text).with_columns(backend=pl.lit("llama_cpp"), option_order=pl.lit(order))
    expected = liu2026(replies("{'2': '90%', '1': '10%'}"), counts(10.0, 5.0, 1.0), BANK)
    assert liu2026(own, counts(10.0, 5.0, 1.0), BANK).equals(expected)


@pytest.mark.parametrize(
    ("elicitation", "backend"), [("logprobs", "llama_cpp"), ("verbalized", "inspect")]
)
def test_other_replies_are_taken_as_they_were_read(elicitation: str, backend: str) -> None:
    """The text of a reply to options is a label: such replies were left out."""
    one = replies("1", probabilities=[0.0, 0.1, 0.9]).with_columns(
        elicitation=pl.lit(elicitation), backend=pl.lit(backend)
    )
    expected = liu2026(replies("{'2': '90%', '1': '10%'}"), counts(10.0, 5.0, 1.0), BANK)
    found = liu2026(one, counts(10.0, 5.0, 1.0), BANK)
    assert found["alignment"].item() == pytest.approx(expected["alignment"].item())


def test_the_first_of_repeated_replies_counts_even_if_it_is_unusable() -> None:
    whole = "{'0': '100%'}"
    assert liu2026(replies(whole, "{'2': '100%'}"), counts(1.0, 0.0, 0.0), BANK)[
        "alignment"
    ].item() == pytest.approx(1.0)
    with pytest.raises(NoDataError, match="no item in common"):
        liu2026(replies("no mapping", whole), counts(1.0, 0.0, 0.0), BANK)


def test_without_a_text_the_probabilities_are_read() -> None:
    found = liu2026(replies("", probabilities=[0.5, 0.5, 0.0]), counts(1.0, 0.0, 0.0), BANK)
    assert found["alignment"].item() == pytest.approx(0.75)


def test_an_unknown_preset(study: Evaluation) -> None:
    with pytest.raises(InvalidArgumentError, match="no preset 'x': there are liu2026"):
        score_by_preset(study, "x")


def test_of_published_shares_the_unweighted_ones_count_where_they_are_known() -> None:
    rows = {"wave": 7, "country": "JPN", "question": "Q122", "code": [0, 1, 2]}
    shares = {"share": [0.0, 0.0, 1.0], "share_unweighted": [1.0, 0.0, 0.0]}
    reply = replies("{'0': '100%'}")
    assert liu2026(reply, pl.DataFrame(rows | shares), BANK)["alignment"].item() == 1
    weighted = pl.DataFrame(rows | {"share": shares["share"]})
    assert liu2026(reply, weighted, BANK)["alignment"].item() == 0


def test_a_volunteered_answer_is_counted_as_the_study_counts_it() -> None:
    reply = replies("{'1': '0%', '2': '50%', '3': '50%'}").with_columns(question=pl.lit("Q111"))
    people = counts(0.0, 50.0, 50.0).with_columns(code=pl.col("code") + 1, question=pl.lit("Q111"))
    assert liu2026(reply, people, BANK)["alignment"].item() == pytest.approx(1.0)


def test_groups_do_not_count_again_beside_their_country(study: Evaluation) -> None:
    whole = study.counts.filter(wave=7, country="JPN")
    women = whole.with_columns(n=pl.lit(1.0), weighted_n=pl.lit(1.0), sex=pl.lit("female"))
    men = whole.with_columns(n=pl.col("n") - 1.0, sex=pl.lit("male"))
    alone = liu2026(study.replies, whole, BANK)
    beside = pl.concat([whole, women], how="diagonal")
    assert liu2026(study.replies, beside, BANK).equals(alone)
    parts = pl.concat([women, men], how="diagonal")
    assert liu2026(study.replies, parts, BANK).equals(alone)

"""Every table there is, made from one evaluation."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from rich.console import Console

from doxa.analysis import Settings
from doxa.cli.frames import show_frame
from doxa.errors import InvalidArgumentError, NoDataError
from doxa.evaluate import Evaluation, evaluate
from doxa.evaluate.tables import TABLES, make_table
from doxa.questionnaire import QuestionBank
from doxa.recorded import Recording
from doxa.store.record import REPLY_COLUMNS
from doxa.survey import sample

BANK = QuestionBank.load()
ASKED = (
    ("en", "none", ""),
    ("ja", "none", ""),
    ("en", "persona", "JPN"),
    ("ja", "persona", "JPN"),
    ("en", "persona", "USA"),
    ("en", "time-6_persona", "JPN"),
    ("en", "time-6", ""),
)


def made_up_replies() -> pl.DataFrame:
    """Two models, six conditions, two of whatever else a way of asking may differ in, 36 items."""
    rng = np.random.default_rng(11)
    rows = []
    for model in ("alpha", "beta"):
        for language, steering, target in ASKED:
            for question in list(BANK.items)[::4]:
                codes = BANK.items[question].scale.all_codes
                for template, order, draw, elicitation in (
                    *(("a", "listed", 0, "verbalized"), ("a", "reversed", 0, "verbalized")),
                    *(("b", "listed", 0, "verbalized"), ("a", "listed", 1, "verbalized")),
                    ("a", "listed", 0, "logprobs"),
                ):
                    rows.append(
                        {
                            "request_key": f"key-{len(rows)}",
                            "model": model,
                            "backend": "made-up",
                            "question": question,
                            "language": language,
                            "steering": steering,
                            "target": target,
                            "template": template,
                            "option_order": order,
                            "draw": draw,
                            "elicitation": elicitation,
                            "status": "refused" if draw and question == "Q5" else "ok",
                            "codes": list(codes),
                            "probabilities": rng.dirichlet(np.ones(len(codes))).tolist(),
                            "text": "",
                        }
                    )
    return pl.DataFrame(rows, schema=REPLY_COLUMNS)


@pytest.fixture(scope="module")
def evaluation() -> Evaluation:
    recording = Recording(made_up_replies(), examples=frozenset({"Q1"}))
    return evaluate([recording], sample(), BANK, Settings(n_resamples=50))


@pytest.mark.parametrize("name", TABLES)
def test_every_table_has_rows_and_numbers_that_are_numbers(
    evaluation: Evaluation, name: str
) -> None:
    table = make_table(evaluation, name)
    assert table.height > 0
    floats = table.select(pl.selectors.float())
    assert not any(column.is_nan().any() for column in floats)
    assert make_table(evaluation, name) is table


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("width", [60, 100])
def test_every_table_fits_a_terminal(evaluation: Evaluation, name: str, width: int) -> None:
    table = make_table(evaluation, name).head(5)
    page = io.StringIO()
    show_frame(table, title=TABLES[name].title, console=Console(file=page, width=width))
    lines = page.getvalue().splitlines()
    assert max(map(len, lines)) <= width
    assert all(name.isidentifier() for name in TABLES)


@pytest.mark.parametrize("name", TABLES)
def test_every_table_has_its_place_on_the_page(name: str) -> None:
    page = Path(__file__).parent.parent / "docs" / "analysis.md"
    headings = [line for line in page.read_text(encoding="utf-8").splitlines() if line[:2] == "##"]
    assert any(f"`{name}`" in heading for heading in headings)


def test_a_frame_shows_what_is_constant_once_and_intervals_beside_estimates() -> None:
    frame = pl.DataFrame(
        {
            "model": ["alpha", "alpha"],
            "country": ["JPN", "USA"],
            "n_items": [3, 4],
            "estimate": [0.5, 0.25],
            "low": [0.4, None],
            "high": [0.6, None],
            "note": [None, "one [item]"],
        }
    )
    page = io.StringIO()
    show_frame(frame, title="Numbers", console=Console(file=page, width=80))
    assert [line.split() for line in page.getvalue().splitlines()] == [
        [],
        ["Numbers"],
        ["model", "alpha"],
        ["country", "n_items", "estimate", "note"],
        ["JPN", "3", "0.500", "[0.400,", "0.600]"],
        ["USA", "4", "0.250", "one", "[item]"],
    ]


def test_a_table_that_there_is_not(evaluation: Evaluation) -> None:
    with pytest.raises(InvalidArgumentError, match="no table 'chair': there are alignment, "):
        make_table(evaluation, "chair")


def test_the_baseline_may_be_another() -> None:
    recording = Recording(made_up_replies())
    settings = Settings(n_resamples=20, baseline="uniform")
    table = evaluate([recording], sample(), BANK, settings).alignment
    assert set(table["baseline_kind"]) == {"uniform"}


def test_examples_are_in_no_score(evaluation: Evaluation) -> None:
    assert evaluation.excluded == {"Q1"}
    assert set(evaluation.alignment["n_items"]) == {35}
    assert evaluation.provenance["items shown as examples, in no score"] == "Q1"


def test_steered_conditions_are_set_against_their_target(evaluation: Evaluation) -> None:
    steered = evaluation.alignment.filter(pl.col("target") != "")
    assert (steered["target"] == steered["country"]).all()
    assert set(evaluation.alignment.filter(target="")["country"]) == {"BGD", "COL", "JPN", "USA"}


def test_without_anything_unsteered_there_is_no_effect_of_steering() -> None:
    recording = Recording(made_up_replies().filter(steering="persona"))
    alone = evaluate([recording], sample(), BANK)
    assert alone.steering.is_empty()
    with pytest.raises(NoDataError, match="ask without steering too"):
        make_table(alone, "steering")


def test_replies_without_a_distribution_are_refused() -> None:
    refused = made_up_replies().with_columns(status=pl.lit("refused"))
    with pytest.raises(NoDataError, match="none of them a distribution"):
        evaluate([Recording(refused)], sample(), BANK)

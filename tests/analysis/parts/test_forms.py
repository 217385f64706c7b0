"""Forms as units: pairs of orders, notes, and what tables do with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

from analysis.made_models import replies_from
from doxa.analysis import Settings, country_alignment, steering_effects
from doxa.analysis.parts.forms import (
    drawing,
    drawing_of_replies,
    form_note,
    form_units,
    with_units,
)
from doxa.analysis.parts.pairs import pair_all, restrict
from doxa.distribution import model_distributions
from doxa.errors import NoDataError
from doxa.score import score_batch

if TYPE_CHECKING:
    from doxa.questionnaire import QuestionBank

LISTED, REVERSED = ("{}/plain/a/" + order + "/numbers" for order in ("listed", "reversed"))


@pytest.mark.parametrize(
    ("names", "units"),
    [
        ([LISTED.format("a")], [[0]]),
        ([REVERSED.format("a"), LISTED.format("a")], [[1, 0]]),
        # a wording in its orders, whatever the order in which they come
        ([LISTED.format("b"), REVERSED.format("a"), LISTED.format("a"), REVERSED.format("b")],
         [[2, 1], [0, 3]]),
        ([LISTED.format("a"), REVERSED.format("a"), LISTED.format("b")], [[0, 1], [2]]),
        (["a/plain/a/rotated:2/numbers", "a/plain/a/reversed:2/numbers", LISTED.format("b")],
         [[1, 0], [2]]),
        # wordings that have no partner of their own
        ([LISTED.format("a"), REVERSED.format("b"), LISTED.format("c"), REVERSED.format("d")],
         [[0, 1], [2, 3]]),
        ([LISTED.format("a"), REVERSED.format("b"), LISTED.format("c")], [[0], [1], [2]]),
    ],
)  # fmt: skip
def test_a_listed_and_a_reversed_form_are_a_unit(names: list[str], units: list[list[int]]) -> None:
    assert form_units(names) == units


@pytest.fixture(scope="module")
def human(human: pl.DataFrame) -> pl.DataFrame:
    """Six countries: what is asserted here holds for any, and each costs time."""
    return human.filter(pl.col("country").is_in(["COL", "EGY", "JPN", "NGA", "PAK", "USA"]))


@pytest.fixture(scope="module")
def replies(human: pl.DataFrame, bank: QuestionBank) -> pl.DataFrame:
    """A model that favours the option shown first, asked in two wordings and both orders."""
    rng = np.random.default_rng(3)
    parts = []
    for wording in ("a", "b"):
        for order in ("listed", "reversed"):
            one = replies_from(human, bank, "JPN", option_order=order)
            moved = []
            for shares in one["probabilities"]:
                noise = rng.dirichlet(np.ones(len(shares)))
                first = np.eye(len(shares))[0 if order == "listed" else -1]
                moved.append((0.5 * np.array(shares) + 0.2 * noise + 0.3 * first).tolist())
            parts.append(
                one.with_columns(pl.Series("probabilities", moved), wording=pl.lit(wording))
            )
    return pl.concat(parts)


def test_units_are_averages_of_pairs(replies: pl.DataFrame, bank: QuestionBank) -> None:
    model = model_distributions(replies, bank)
    units = with_units(model, Settings())
    assert "forms" not in units.columns
    assert set(units["form_units"].list.len()) == {2}
    row = units.row(0, named=True)
    pairs = [
        np.mean(
            replies.filter(question=row["question"], wording=wording)["probabilities"].to_list(),
            axis=0,
        )
        for wording in ("a", "b")
    ]
    assert np.array(row["form_units"]) == pytest.approx(np.array(pairs)[:, : len(row["codes"])])
    assert row["probabilities"] == pytest.approx(np.mean(row["form_units"], axis=0))
    assert with_units(model, Settings(resample="items")).columns == [
        name for name in model.columns if name not in ("forms", "form_names")
    ]


def test_a_score_has_the_interval_of_corrected_items(
    replies: pl.DataFrame, human: pl.DataFrame, bank: QuestionBank
) -> None:
    model, settings = model_distributions(replies, bank), Settings(n_resamples=200)
    table = country_alignment(model, human, bank, settings=settings)
    kept, people = restrict(model, human, bank, settings)
    pairs = pair_all(kept, people, bank).filter(country="USA")
    scales = [bank.items[name].scale for name in pairs["question"]]
    batch = score_batch(
        pairs["probabilities"], pairs["probabilities_human"], items=pairs["question"],
        scale=[scale.kind for scale in scales], positions=[scale.positions for scale in scales],
        resample=("items", "forms"), model_forms=pairs["form_units"],
        form_sets=pairs["form_set"], n_resamples=200,
    )  # fmt: skip
    row, whole = table.filter(country="USA").row(0, named=True), batch.groups.row(0, named=True)
    for name in ("estimate", "low", "high", "std_error"):
        assert row[name] == pytest.approx(whole[name], abs=1e-12)
    assert (row["resampled"], row["note"]) == ("items, forms", "")
    alone = country_alignment(model, human, bank, settings=Settings(resample="items"))
    moved = table["low"] - alone["low"]
    assert (moved.filter(table["country"] != "JPN").drop_nulls() > 0).any()
    assert alone["resampled"].unique().to_list() == ["items"]


def test_forms_and_respondents_are_corrected_together(
    replies: pl.DataFrame, human: pl.DataFrame, bank: QuestionBank
) -> None:
    model = model_distributions(replies, bank)
    few = human.with_columns(n_effective=pl.lit(60.0))
    settings = Settings(resample=("items", "respondents", "forms"), n_resamples=200)
    both = country_alignment(model, few, bank, settings=settings)
    forms = country_alignment(model, few, bank, settings=Settings(n_resamples=200))
    assert both["resampled"].unique().to_list() == ["items, respondents, forms"]
    centres = [(table["low"] + table["high"]) / 2 for table in (both, forms)]
    # sampling error of people makes distances larger still
    assert (centres[0] > centres[1]).all()
    assert both["gap_low"].null_count() == both["normalised_low"].null_count() == 0


def test_what_forms_leave_out_is_told(
    replies: pl.DataFrame, human: pl.DataFrame, bank: QuestionBank
) -> None:
    one, few = replies.filter(wording="a"), Settings(n_resamples=100)
    pair = country_alignment(model_distributions(one, bank), human, bank, settings=few)
    assert pair["resampled"].unique().to_list() == ["items"]
    told = "one wording, the error of wording is not in the interval"
    assert pair["note"].unique().to_list() == [told]
    single = country_alignment(
        model_distributions(one.filter(option_order="listed"), bank), human, bank, settings=few
    )
    assert single["note"].unique().to_list() == ["one form, its error is not in the interval"]
    mixed = one.filter((pl.col("option_order") == "listed") | (pl.col("question") == "Q1"))
    other = one.with_columns(model=pl.lit("other"))
    two = country_alignment(
        model_distributions(pl.concat([replies, other]), bank), human, bank, settings=few
    )
    drawn = dict(two.select("model", "resampled").unique().iter_rows())
    assert drawn["other"] == "items"
    assert {*drawn.values()} == {"items", "items, forms"}
    note = country_alignment(model_distributions(mixed, bank), human, bank, settings=few)["note"][0]
    assert note.startswith("143 of 144 items: one form, its error")
    frame = pl.DataFrame({"k": [1, 1]})
    assert form_note(frame, ["k"])["form_note"].to_list() == [None]


def test_forms_alone_need_two_units(replies: pl.DataFrame, bank: QuestionBank) -> None:
    one = replies.filter(wording="a")
    forms = Settings(resample="forms")
    with pytest.raises(NoDataError, match="ask in four or more"):
        drawing(forms, with_units(model_distributions(one, bank), forms))
    with pytest.raises(NoDataError, match="ask in four or more"):
        drawing_of_replies(forms, one)
    assert drawing_of_replies(forms, replies) == forms
    assert drawing(forms, with_units(model_distributions(replies, bank), forms)) == forms
    assert drawing(Settings(), model_distributions(one, bank)).resample == ("items",)


def test_a_wording_in_more_orders_counts_for_more() -> None:
    names = [LISTED.format("a"), REVERSED.format("a"), LISTED.format("b")]
    model = pl.DataFrame({
        "question": ["Q57"], "n_forms": [3], "form_names": [names],
        "forms": [[[0.2, 0.4, 0.9], [0.8, 0.6, 0.1]]],
    })  # fmt: skip
    units = np.array(with_units(model, Settings())["form_units"].item().to_list())
    assert units == pytest.approx(np.array([[0.3, 0.7], [0.45, 0.05]]))
    assert units.sum(axis=0) / units.sum() == pytest.approx([0.5, 0.5])


def test_a_form_off_the_scale_changes_nothing() -> None:
    names = [f"{wording}/plain/a/listed/numbers" for wording in "abc"]
    model = pl.DataFrame({
        "question": ["Q57"], "n_forms": [3], "form_names": [names],
        "forms": [[[0.2, 0.0, 0.3], [0.8, 0.0, 0.1]]],
    })  # fmt: skip
    units = with_units(model, Settings())["form_units"].item().to_list()
    assert [list(unit) for unit in units] == [[0.2, 0.8], [0.3, 0.1]]


def test_differences_between_ways_of_asking_are_paired(
    replies: pl.DataFrame, human: pl.DataFrame, bank: QuestionBank
) -> None:
    steered = replies.with_columns(steering=pl.lit("persona"), target=pl.lit("JPN"))
    table = steering_effects(
        model_distributions(pl.concat([replies, steered]), bank), human, bank,
        settings=Settings(n_resamples=100),
    )  # fmt: skip
    assert table["resampled"].unique().to_list() == ["items, forms"]
    assert table["estimate"].abs().max() == table["std_error"].max() == 0

"""Replies beside human counts."""

from __future__ import annotations

import polars as pl
import pytest
from made_up import BANK, made_up_replies

from doxa.analysis import Settings
from doxa.analysis.parts.rounding import at_most
from doxa.errors import NoDataError
from doxa.evaluate import Evaluation, evaluate
from doxa.evaluate.tables import make_table
from doxa.recorded import Recording
from doxa.survey import sample


def test_the_baseline_may_be_another() -> None:
    recording = Recording(made_up_replies())
    settings = Settings(n_resamples=20, baseline="uniform")
    table = evaluate([recording], sample(), BANK, settings).alignment
    assert set(table["baseline_kind"]) == {"uniform"}


def test_examples_are_left_out_of_scores(evaluation: Evaluation) -> None:
    assert evaluation.excluded == {"Q1"}
    assert set(evaluation.alignment["n_items"]) == {35}
    assert evaluation.provenance["items shown as examples, in no score"] == "Q1"


def test_steered_conditions_are_set_against_their_target(evaluation: Evaluation) -> None:
    steered = evaluation.alignment.filter(pl.col("target") != "")
    assert (steered["target"] == steered["country"]).all()
    assert set(evaluation.alignment.filter(target="")["country"]) == {"BGD", "COL", "JPN", "USA"}


def test_without_anything_unsteered_there_is_no_effect_of_steering() -> None:
    recording = Recording(made_up_replies().filter(steering="persona"))
    alone = evaluate(recording, sample())
    assert alone.steering.is_empty()
    with pytest.raises(NoDataError, match="ask without steering too"):
        make_table(alone, "steering")


def test_replies_without_a_distribution_are_refused() -> None:
    refused = made_up_replies().with_columns(status=pl.lit("refused"))
    with pytest.raises(NoDataError, match="none of them a distribution"):
        evaluate([Recording(refused)], sample(), BANK)


def test_the_threshold_is_the_settings_own() -> None:
    settings = Settings(n_resamples=20, threshold=0.5)
    table = evaluate(Recording(made_up_replies()), sample(), settings=settings).alignment
    assert set(table["verdict"]) == {"appropriate"}


def test_items_excluded_on_request_are_left_out_of_scores() -> None:
    recording = Recording(made_up_replies(), examples=frozenset({"Q1"}))
    settings = Settings(n_resamples=20, exclude_items=["Q5"])
    found = evaluate([recording], sample(), settings=settings)
    assert found.settings.exclude_items == {"Q1", "Q5"}
    assert found.excluded == {"Q1"}
    assert set(found.alignment["n_items"]) == {34}


def test_every_wave_may_be_asked_for() -> None:
    settings = Settings(wave=None, n_resamples=20)
    found = evaluate(Recording(made_up_replies()), sample(), settings=settings)
    assert set(found.human_distributions["wave"]) == set(found.alignment["wave"]) == {5, 6, 7}
    assert found.provenance["survey wave"] == "all"
    assert "scored against every wave" in found._repr_html_()


def test_several_recordings_make_one_evaluation() -> None:
    replies = made_up_replies()
    one, other = (
        Recording(replies.filter(model=model), examples=frozenset({item}), provenance={model: item})
        for model, item in (("alpha", "Q1"), ("beta", "Q5"))
    )
    found = evaluate([one, other], sample())
    assert found.replies.height == replies.height
    assert found.excluded == {"Q1", "Q5"}
    assert (found.provenance["alpha"], found.provenance["beta"]) == ("Q1", "Q5")


def test_a_notebook_shows_the_scores(evaluation: Evaluation) -> None:
    page = evaluation._repr_html_()
    assert page.startswith("<p>2,520 replies, scored against wave 7</p>")
    assert "verdict" in page


def test_replies_towards_a_country_without_counts_are_said_to_be_in_no_score() -> None:
    counts = sample().filter(pl.col("country") != "JPN")
    replies = made_up_replies()
    found = evaluate(Recording(replies), counts)
    assert found.unscored == {"JPN": replies.filter(target="JPN").height}
    [said] = [text for what, text in found.provenance.items() if "without human counts" in what]
    assert said == f"{found.unscored['JPN']} towards JPN"
    assert "JPN" not in found.alignment["target"]
    whole = evaluate(Recording(replies), sample())
    assert not whole.unscored
    assert not [what for what in whole.provenance if "without human counts" in what]


def test_without_counts_models_are_scored_against_the_world() -> None:
    replies = made_up_replies().filter(model="alpha", steering="none", language="en")
    found = evaluate(Recording(replies), settings=Settings(n_resamples=20))
    assert found.alignment["country"].n_unique() == 65
    assert found.provenance["people's answers"] == (
        "65 countries: counts of 4 (BGD, COL, JPN, USA), published shares of 61"
    )
    assert "globalopinionqa 59" in found.provenance["sources of people's answers"]
    assert "side by side" in found.provenance["weights of people's answers"]
    assert found.rounding is not None
    assert 0.001 < found.rounding < 0.003
    andorra = found.alignment.filter(country="AND").row(0, named=True)
    assert 0 < andorra["rounding"] <= found.rounding
    told = at_most(andorra["rounding"])
    assert f"rounded: off by {told} at most" in andorra["note"]
    assert "size of the sample, their weights unknown" in andorra["note"]
    assert "items unweighted" in andorra["note"]
    counted = found.alignment.filter(country="USA").row(0, named=True)
    told = "one form, its error is not in the interval"
    assert (counted["rounding"], counted["note"]) == (0, told)


def test_the_rounding_of_a_table_that_does_not_tell_it_is_not_known() -> None:
    counts = sample(wave=7)
    total = pl.col("n").sum().over("country", "question")
    shares = counts.with_columns(share=pl.col("n") / total, n=None, weighted_n=None)
    replies = made_up_replies().filter(model="alpha", steering="none")
    settings = Settings(n_resamples=20)
    found = evaluate(Recording(replies), shares, settings=settings)
    assert found.rounding is None
    assert "published shares, rounding unknown" in found.alignment["note"][0]

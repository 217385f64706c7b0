"""The page describes the method that was used, setting by setting."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from made_up import BANK, made_up_evaluation, made_up_replies

from doxa.analysis import Settings
from doxa.evaluate import Evaluation, evaluate, evaluation, make_table
from doxa.recorded import UNKNOWN_EXAMPLES, Recording
from doxa.report.methods import methods
from doxa.report.words import Names
from doxa.score import score_batch
from doxa.score.bootstrap import default_method
from doxa.survey import sample, world

if TYPE_CHECKING:
    from collections.abc import Mapping

NAMES = Names(BANK)
SETTINGS = Settings(n_resamples=20)
PEOPLE = sample()
FEW = made_up_replies().filter(
    pl.col("model") == "alpha",
    pl.col("draw") == 0,
    pl.col("option_order") == "listed",
    pl.col("template") == "a",
    pl.col("question").is_in(list(BANK.items)[:60]),
)


def told(
    replies: pl.DataFrame = FEW,
    settings: Settings = SETTINGS,
    *,
    counts: pl.DataFrame = PEOPLE,
    examples: frozenset[str] = frozenset(),
    further: Mapping[str, pl.DataFrame] | None = None,
) -> str:
    recording = Recording(replies, examples=examples)
    found = evaluate(recording, counts, settings=settings)
    return "\n".join(methods(found, further or {}, NAMES))


@pytest.fixture(scope="module")
def usual() -> str:
    return told()


@pytest.mark.parametrize(
    ("changes", "said", "instead"),
    [
        (
            {"resample": "respondents"},
            "95% studentised bootstrap intervals: 20 resamples of the items, seed 0.",
            "95% intervals of where the truth may lie, noise taken off: 20 resamples of the "
            "respondents, seed 0.",
        ),
        (
            {"resample": ("items", "respondents")},
            "studentised bootstrap intervals: 20 resamples of the items, ",
            "studentised bootstrap intervals, shifted by the bias that drawing the respondents "
            "brings: 20 resamples of the items and the respondents, ",
        ),
        ({"resample": "respondents"}, "fewer than five items have no interval", ""),
        ({"resample": "respondents"}, "by Student’s t on the", "by a normal statistic on the"),
        ({"n_resamples": 30}, "20 resamples", "30 resamples"),
        ({"confidence": 0.9}, "Brackets hold 95% ", "Brackets hold 90% "),
        ({"seed": 5}, "seed 0", "seed 5"),
        ({"wave": 6}, "People’s answers are those of wave 7.", "those of wave 6."),
        ({"wave": None}, "People’s answers are those of wave 7.", "those of every wave."),
        (
            {"baseline": "pooled"},
            "a country of the average of the other countries in the data, each counted once.",
            "a country of all respondents of all countries in the data together, this country’s "
            "own among them.",
        ),
        ({"baseline": "uniform"}, "each counted once", "the same share for every option of an"),
        ({"baseline": "nearest"}, "each counted once", "whose people answer most like this"),
        ({"threshold": 0.1}, "a gap of at most 0.02 is", "a gap of at most 0.1 is"),
        (
            {"exclude_items": ["Q5"]},
            "Every score rests on the 15 items that were asked.",
            "Of 15 items that were asked, 1 was left out on request (Q5); every score rests on the "
            "other 14.",
        ),
    ],
)
def test_a_setting_changes_its_sentence(
    usual: str, changes: dict[str, Any], said: str, instead: str
) -> None:
    other = told(settings=replace(SETTINGS, **changes))
    assert said in usual
    assert said not in other
    assert instead in other
    assert not instead or instead not in usual


@pytest.mark.parametrize(
    "resample",
    [["items"], ["respondents"], ["items", "respondents"], ["replies"], ["items", "replies"]],
)
def test_the_kind_of_interval_that_is_named_is_the_one_in_the_table(resample: Any) -> None:
    asked = FEW.filter(language="en", steering="none", elicitation="logprobs").with_columns(
        elicitation=pl.lit("sampling")
    )
    settings = Settings(n_resamples=20, resample=resample)
    found = evaluate(Recording(asked), sample(), settings=settings)
    human = found.human_distributions.filter(country="JPN")
    pairs = found.model_distributions.join(human, on="question", suffix="_human").sort("question")
    pairs = pairs.filter(pl.col("question").is_in(_in_all_countries(found)))
    scales = [BANK.items[item].scale for item in pairs["question"]]
    batch = score_batch(
        pairs["probabilities"],
        pairs["probabilities_human"],
        scale=[scale.kind for scale in scales],
        positions=[list(scale.positions) for scale in scales],
        items=pairs["question"],
        resample=resample,
        n_resamples=20,
        human_n=pairs["n_effective"],
        model_n=pairs["n_replies"].cast(pl.Float64),
        method=default_method(settings.resample),
    ).groups
    row = found.alignment.filter(country="JPN")
    assert row["n_items"].item() == pairs.height
    for end in ("estimate", "low", "high"):
        assert row[end].item() == pytest.approx(batch[end].item(), abs=1e-12)


def _in_all_countries(found: Evaluation) -> list[str]:
    held = found.human_distributions.group_by("question").len().filter(len=4)
    return held["question"].to_list()


def test_sampled_replies_are_named_when_they_are_drawn() -> None:
    sampled = FEW.with_columns(elicitation=pl.lit("sampling"), draw=pl.lit(0)).unique(
        ["language", "steering", "target", "question"], maintain_order=True
    )
    text = told(sampled, Settings(n_resamples=20, resample=["items", "replies"]))
    assert "20 resamples of the items and the sampled replies" in text
    assert "the repeated answers (the model answers many times as one respondent" in text


def test_elicitations_are_those_that_were_read(usual: str) -> None:
    assert (
        "read from the stated percentages (the model writes the share of every option) and the "
        "option probabilities (the probabilities"
    ) in usual
    assert "calibrated" not in usual
    one = told(FEW.with_columns(elicitation=pl.lit("logprobs-calibrated")).unique("request_key"))
    assert "read from the calibrated option probabilities (the probabilities" in one
    own = told(FEW.filter(elicitation="logprobs").with_columns(elicitation=pl.lit("interview")))
    assert "The model’s answers were read from the interview." in own


def test_orders_are_those_that_were_shown(usual: str) -> None:
    assert "Options were shown as the questionnaire lists them." in usual
    assert "averaged" not in usual
    orders = [
        FEW.with_columns(option_order=pl.lit(order), request_key=pl.col("request_key") + order)
        for order in ("listed", "reversed", "rotated:1", "seed:4")
    ]
    text = told(pl.concat(orders))
    assert (
        "Options were shown as the questionnaire lists them, in reverse, begun 1 option later and "
        "shuffled (seed 4)."
    ) in text
    assert "are averaged, over the orders too, each counting once." in text
    many = [
        FEW.with_columns(option_order=pl.lit(f"seed:{seed}"), request_key=pl.lit(f"{seed}"))
        for seed in range(9)
    ]
    assert "Options were shown in 9 different orders." in told(pl.concat(many))
    twice = [FEW, FEW.with_columns(draw=pl.lit(1), request_key=pl.col("request_key") + "+")]
    assert "are averaged, each counting once." in told(pl.concat(twice, how="vertical_relaxed"))


def test_every_item_that_is_missing_has_a_reason() -> None:
    one = pl.col("question") == "Q20"
    refused = pl.when(one & (pl.col("language") == "ja")).then(pl.lit("refused"))
    replies = FEW.with_columns(status=refused.otherwise("status"))
    strange = FEW.head(1).with_columns(question=pl.lit("Q999"), request_key=pl.lit("strange"))
    lacking = (pl.col("question") == "Q28") & (pl.col("country") == "USA")
    counts = sample().filter(~lacking & (pl.col("question") != "Q24"))
    text = told(
        pl.concat([replies, strange]),
        Settings(n_resamples=20, exclude_items=["Q5"]),
        counts=counts,
        examples=frozenset({"Q1"}),
    )
    common = (
        "1 was shown as an example (Q1), 1 was left out on request (Q5), 1 lacks people’s answers "
        "(Q24) and 1 lacks a usable reply under some way of asking (Q20); scores rest on the other "
        "11, but for 1 country without answers to some of them, on 10 at least."
    )
    assert f"Read from the stated percentages: of 16 items that were asked, 1 is not in the " \
        f"questionnaire (Q999), {common}" in text  # fmt: skip
    assert f"Read from the option probabilities: of 15 items that were asked, {common}" in text


def test_the_number_of_items_that_is_told_is_the_one_in_the_table() -> None:
    found = made_up_evaluation()
    assert set(found.alignment["n_items"]) == {35}
    text = "\n".join(methods(found, {}, NAMES))
    assert "1 was shown as an example (Q1); every score rests on the other 35." in text


def test_weights_are_told_from_the_counts() -> None:
    plain = told(counts=sample().with_columns(weighted=False))
    assert "Their shares are not weighted" in plain
    heavy = told(counts=sample().with_columns(weighted=True))
    assert "Their shares are weighted by the survey’s weights. Those who gave no answer" in heavy
    mixed = sample().with_columns(weighted=pl.col("country") != "JPN")
    assert "those of Japan are not weighted" in told(counts=mixed)


def test_published_shares_are_told_with_what_their_rounding_does() -> None:
    text = told(counts=world())
    assert "Those of 61 countries are published shares, most of them rounded to 0.1 %" in text
    assert "this moves a score by at most 0.00" in text
    assert "no weights are known: ceilings are a little too high" in text
    assert "answers to single items are not weighted beside others that are." in text
    counted = told(counts=world().filter(pl.col("country").is_in(["JPN", "USA", "COL", "BGD"])))
    assert "published" not in counted
    untold = world().with_columns(rounding=pl.lit(None, pl.Float64))
    assert "how far this moves a score is not known" in told(counts=untold)


def test_missing_answers_are_left_out_of_shares() -> None:
    silent = sample().unique(["wave", "country", "question"], maintain_order=True)
    silent = silent.with_columns(code=pl.lit(-1, pl.Int64), n=pl.lit(400.0), weighted_n=400.0)
    both = evaluate(Recording(FEW), pl.concat([sample(), silent]))
    assert both.human_waves.equals(made_up_evaluation().human_waves)


def test_the_correction_is_the_one_in_the_table(
    usual: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "corrected by Holm’s method for all rows of the table together" in usual
    from doxa.report import methods as module

    for place in (evaluation, module):
        monkeypatch.setattr(place, "CORRECTION", "benjamini_hochberg")
    assert "by Benjamini and Hochberg’s method" in told()
    found = evaluate(Recording(made_up_replies()), settings=SETTINGS).effects
    by_holm = made_up_evaluation().effects
    assert found.height == by_holm.height
    assert (found["p_adjusted"] <= found["p_value"] * found.height).all()


def test_without_steering_nothing_is_said_of_p_values(usual: str) -> None:
    assert "p-values" in usual
    assert "p-values" not in told(FEW.filter(steering="none"))


def test_examples_that_are_not_known_are_told(usual: str) -> None:
    old = Recording(FEW, unknown={UNKNOWN_EXAMPLES: "of en few-shot JPN"})
    text = "\n".join(methods(evaluate(old, settings=SETTINGS), {}, NAMES))
    assert "not certain which items their prompts showed as examples" in text
    assert "not certain" not in usual


def test_only_the_intervals_of_tables_on_the_page_are_told() -> None:
    found = made_up_evaluation()
    told = {
        name: "\n".join(methods(found, {name: make_table(found, name)}, NAMES))
        for name in ("winners", "shape", "variance", "leaderboard")
    }
    assert "percentile" not in told["winners"]
    assert "; ratios have percentile intervals." in told["shape"]
    assert "; components of variance have percentile intervals." in told["variance"]
    assert "ranking of models" in told["leaderboard"]
    assert "ranking of models" not in told["variance"]
    alone = evaluate(Recording(FEW), settings=SETTINGS)
    board = {"leaderboard": make_table(alone, "leaderboard")}
    assert "ranking of models" not in "\n".join(methods(alone, board, NAMES))


def test_tables_that_draw_something_else_are_named() -> None:
    items = Settings(n_resamples=20, resample="items")
    found = evaluate(Recording(FEW), settings=items)
    further = {name: make_table(found, name) for name in ("shape", "wave_shift", "winners")}
    assert "alone were drawn again" not in "\n".join(methods(found, further, NAMES))
    settings = Settings(n_resamples=20, resample=["items", "respondents"])
    both = evaluate(Recording(FEW), settings=settings)
    further = {name: make_table(both, name) for name in ("shape", "wave_shift", "winners")}
    text = "\n".join(methods(both, further, NAMES))
    alone = "For shape and wave shift, the items alone were drawn again, and means have "
    assert alone + "studentised intervals." in text


def test_a_rewording_is_told_of_where_one_was_asked(usual: str) -> None:
    reworded = FEW.with_columns(wording=pl.lit("b"))
    assert "Its rewording in " in told(reworded)
    assert "rewording" not in usual

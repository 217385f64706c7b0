"""Scores against a sample of respondents, and a twin that draws the sample step by step."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

import doxa
from doxa import _core
from doxa.errors import InvalidArgumentError
from doxa.score.sample import _codes

RNG = np.random.default_rng(5)


ANSWERS = np.stack(
    [RNG.integers(0, 4, 300), RNG.integers(0, 3, 300), RNG.integers(-1, 5, 300)], axis=1
)
OPTIONS = [4, 3, 5]
SAMPLE_MODEL = [RNG.dirichlet(np.ones(k)) for k in OPTIONS * 2]
SAMPLE_GROUPS = ["x"] * 3 + ["y"] * 3
WEIGHTS = RNG.uniform(0.2, 3.0, 300)


def sample_words(replicate: int, n: int, sample: int = 0) -> np.ndarray:
    """Draw the members of the sample from its stream, several from one word if its bits suffice."""
    to_a_word = max(choices for choices in (1, 2, 3, 4) if n**choices <= 2**43)
    drawn = []
    for word in _core.stream(0, replicate, -(-n // to_a_word), sample=sample):
        rest = int(word)
        for _ in range(to_a_word):
            chosen, rest = divmod(rest * n, 2**64)
            drawn.append(chosen)
    return np.array(drawn[:n])


def slow_alignment(model: np.ndarray, codes: np.ndarray, weights: np.ndarray) -> float:
    answered = codes >= 0
    human = np.bincount(codes[answered], weights[answered], model.size)
    gaps = np.cumsum(human / human.sum() - model)[:-1]
    return float(1 - np.abs(gaps).sum() / (model.size - 1))


def sample_replicates(**options: object) -> np.ndarray:
    columns = np.array([0, 1, 2] * 2, np.uint32)
    settings: dict[str, object] = {
        "weights": None,
        "strata": None,
        "clusters": None,
        "draw_items": False,
        "draw_respondents": True,
        "n_resamples": 70,
        "seed": 0,
        "sample": 0,
    } | options
    codes = np.ascontiguousarray(np.where(ANSWERS < 0, 255, ANSWERS).astype(np.uint8).T)
    values = np.concatenate(SAMPLE_MODEL)
    offsets = np.concatenate([[0], np.cumsum(OPTIONS * 2)]).astype(np.int64)
    labels = (np.repeat(np.arange(2, dtype=np.uint32), 3), columns, 2, 3)
    return _core.sample_replicates(
        (values, offsets), ["alignment"], labels, codes, OPTIONS, **settings
    )[0]


@pytest.mark.parametrize("weights", [None, WEIGHTS], ids=["unweighted", "weighted"])
def test_a_replicate_of_a_sample_is_that_sample_drawn_again(weights: np.ndarray | None) -> None:
    replicates = sample_replicates(weights=weights)
    plain = np.ones(300) if weights is None else weights
    for replicate in (0, 1, 63, 64, 69):
        drawn = sample_words(replicate, 300)
        scores = [
            slow_alignment(SAMPLE_MODEL[i], ANSWERS[drawn, i], plain[drawn]) for i in range(3)
        ]
        assert replicates[0, replicate] == pytest.approx(np.mean(scores), abs=1e-12)


def test_another_sample_has_other_draws_and_the_same_sample_the_same() -> None:
    first, again, other = (sample_replicates(sample=name) for name in (0, 0, 1))
    assert (first == again).all()
    assert (first != other).all()


def test_scoring_a_sample_gives_the_mean_over_items_and_its_interval() -> None:
    batch = doxa.score.score_sample(
        SAMPLE_MODEL, ANSWERS, items=[0, 1, 2] * 2, n_options=OPTIONS, groups=SAMPLE_GROUPS
    )
    expected = [slow_alignment(SAMPLE_MODEL[i], ANSWERS[:, i % 3], np.ones(300)) for i in range(6)]
    assert batch.scores["alignment"].to_list() == pytest.approx(expected, abs=1e-12)
    table = batch.groups
    assert table["estimate"].to_list() == pytest.approx(
        [np.mean(expected[:3]), np.mean(expected[3:])]
    )
    assert (table["low"] < table["estimate"]).all()
    assert (table["estimate"] < table["high"]).all()
    assert batch.compare("x", "y").height == 1


def test_every_metric_can_be_scored_on_a_sample() -> None:
    batch = doxa.score.score_sample(
        SAMPLE_MODEL,
        ANSWERS,
        items=[0, 1, 2] * 2,
        n_options=OPTIONS,
        groups=SAMPLE_GROUPS,
        metrics=doxa.score.METRICS,
        scale=["nominal", "ordinal", "ordinal"] * 2,
        resample=("items", "respondents"),
        n_resamples=200,
    )
    counted = batch.groups.filter(pl.col("metric") != "mode_match")
    assert (counted["std_error"] > 0).all()
    assert batch.variance_shares.height == 2 * 2 * len(doxa.score.METRICS)


def test_a_survey_is_read_where_it_is() -> None:
    """Rows of a Fortran-ordered matrix, with answers off the scale and missing ones."""
    everyone = np.full((900, 3), 255, np.uint8, order="F")
    everyone[300:600] = np.where(ANSWERS < 0, 251, ANSWERS)
    everyone[310, 1] = OPTIONS[1]
    part = everyone[300:600]
    assert np.shares_memory(_codes(part, 3), everyone)
    plain = ANSWERS.copy()
    plain[10, 1] = -1
    settings = {"items": [0, 1, 2] * 2, "n_options": OPTIONS, "groups": SAMPLE_GROUPS}
    ours = doxa.score.score_sample(SAMPLE_MODEL, part, n_off_scale=[0, 1, 0], **settings)
    theirs = doxa.score.score_sample(SAMPLE_MODEL, plain, **settings)
    assert ours.scores.equals(theirs.scores)
    assert ours.groups.equals(theirs.groups)
    with pytest.raises(InvalidArgumentError, match="answer 3 of respondent 10 to item 1"):
        doxa.score.score_sample(SAMPLE_MODEL, part, **settings)


def test_clusters_drawn_as_one_spread_wider() -> None:
    copies = np.repeat(ANSWERS[:60], 5, axis=0)
    options = {"items": [0, 1, 2] * 2, "n_options": OPTIONS, "groups": SAMPLE_GROUPS}
    options["method"] = "basic"
    single = doxa.score.score_sample(SAMPLE_MODEL, copies, **options)
    whole = doxa.score.score_sample(
        SAMPLE_MODEL, copies, clusters=np.repeat(np.arange(60), 5), **options
    )
    ratio = whole.groups["std_error"] / single.groups["std_error"]
    assert ratio.to_numpy() == pytest.approx(np.full(2, np.sqrt(5)), rel=0.15)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_options": [4, 3]}, "one column for each of the 2 items"),
        ({"n_options": [4, 3, 4]}, "answer 4 of respondent"),
        ({"items": [0, 1, 7] * 2}, "items holds 7 at 2: give whole numbers from 0 to 2"),
        ({"weights": np.full(300, -1.0)}, "weight -1 of respondent 0"),
        ({"weights": np.ones(3)}, "3 weights for 300 respondents"),
        ({"strata": [0]}, "1 strata for 300 respondents"),
        ({"clusters": [0] * 300, "strata": list(range(300))}, "lies in two strata"),
        ({"resample": "replies"}, "by any method but"),
        ({"method": "delta"}, "by any method but"),
    ],
)
def test_wrong_samples_are_told(options: dict[str, object], message: str) -> None:
    settings: dict[str, object] = {"items": [0, 1, 2] * 2, "n_options": OPTIONS} | options
    with pytest.raises(InvalidArgumentError, match=message):
        doxa.score.score_sample(SAMPLE_MODEL, ANSWERS, **settings).groups  # type: ignore[arg-type] # noqa: B018

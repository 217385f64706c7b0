"""Resampling of respondents, replies and samples, against twins that do it step by step."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

import doxa
from doxa import _core
from doxa.errors import InvalidArgumentError
from doxa.score.sample import _codes

RNG = np.random.default_rng(5)
MODEL = RNG.dirichlet(np.ones(4), 30)
HUMAN = RNG.dirichlet(np.ones(4), 10)[np.tile(np.arange(10), 3)]
GROUPS = np.repeat(["a", "b", "c"], 10)
ITEMS = np.tile([f"Q{i}" for i in range(10)], 3)
SIZES = np.full(30, 400.0)


def scored(**options: object) -> doxa.ScoreBatch:
    settings: dict[str, object] = {
        "groups": GROUPS,
        "items": ITEMS,
        "human_n": SIZES,
        "resample": "respondents",
    } | options
    return doxa.score_batch(MODEL, HUMAN, **settings)  # type: ignore[arg-type]


def test_respondents_drawn_from_counts_spread_like_numpys_multinomial() -> None:
    rng = np.random.default_rng(1)
    drawn = rng.multinomial(400, HUMAN[:10], size=(4000, 10)) / 400
    gaps = np.abs(np.cumsum(drawn - MODEL[:10], axis=2)[..., :3]).sum(axis=2) / 3
    expected = (1 - gaps).mean(axis=1).std()
    batch = scored(n_resamples=4000)
    assert batch.groups["std_error"][0] == pytest.approx(expected, rel=0.06)


def test_groups_with_the_same_humans_share_their_draws() -> None:
    model = np.concatenate([MODEL[:20], MODEL[10:20]])
    batch = doxa.score_batch(
        model, HUMAN, groups=GROUPS, items=ITEMS, human_n=SIZES, resample="respondents"
    )
    assert batch.compare("b", "c")["std_error"][0] == 0
    assert batch.compare("a", "b")["std_error"][0] < np.hypot(*batch.groups["std_error"][:2])


def test_the_order_of_rows_changes_no_bit() -> None:
    order = np.random.default_rng(2).permutation(30)
    sources = ("items", "respondents", "replies")
    batches = [
        doxa.score_batch(
            MODEL[rows],
            HUMAN[rows],
            groups=GROUPS[rows],
            items=ITEMS[rows],
            human_n=SIZES,
            model_n=SIZES,
            resample=sources,
            n_resamples=100,
        )
        for rows in (np.arange(30), order)
    ]
    tables = [batch.groups.sort("group") for batch in batches]
    assert tables[0].equals(tables[1])


def test_the_delta_method_agrees_with_the_bootstrap() -> None:
    human = np.clip(HUMAN, 0.05, None)
    human /= human.sum(axis=1, keepdims=True)
    options = {
        "metrics": doxa.score.METRICS,
        "groups": GROUPS,
        "items": ITEMS,
        "human_n": np.full(30, 40_000.0),
        "resample": "respondents",
    }
    exact = doxa.score_batch(MODEL, human, method="delta", **options)
    drawn = doxa.score_batch(MODEL, human, n_resamples=3000, **options)
    ratio = (exact.groups["std_error"] / drawn.groups["std_error"]).to_numpy()
    # Some metrics have no derivative.
    ratio = ratio[~np.isnan(ratio)]
    assert len(ratio) >= 10 * len(set(GROUPS))
    assert ratio == pytest.approx(np.ones(len(ratio)), abs=0.06)


def test_bias_correction_undoes_the_kink() -> None:
    """Replicates of a perfect score all lie below it; the interval must reach up to it."""
    batch = doxa.score_batch(
        HUMAN[:10], HUMAN[:10], human_n=SIZES[:10], resample="respondents", method="percentile"
    )
    row = batch.groups.row(0, named=True)
    assert row["high"] < row["estimate"]
    plain = scored(method="percentile").groups
    corrected = scored().groups
    shift = (corrected["low"] + corrected["high"]) - (plain["low"] + plain["high"])
    assert (shift > 0).all()


def test_all_sources_together_and_the_share_of_each() -> None:
    batch = scored(resample=("items", "respondents", "replies"), model_n=np.full(30, 50.0))
    shares = batch.variance_shares
    assert shares["source"].unique(maintain_order=True).to_list() == [
        "items",
        "respondents",
        "replies",
    ]
    together = batch.replicates()[0].std(ddof=1)
    alone = shares.filter(pl.col("group") == "a")
    assert (alone["std_error"] < together * 1.05).all()
    assert alone["share"].sum() == pytest.approx(1, abs=0.25)
    assert alone["share"].to_numpy() == pytest.approx((alone["std_error"] / together) ** 2)


def test_items_from_counts_and_items_alone_draw_the_same() -> None:
    alone = doxa.score_batch(
        MODEL, HUMAN, groups=GROUPS, items=ITEMS, resample="items", method="percentile"
    )
    labels = (np.repeat(np.arange(3, dtype=np.uint32), 10), np.tile(np.arange(10), 3), 3, 10)
    labels = (labels[0], labels[1].astype(np.uint32), 3, 10)
    replicates = _core.count_replicates(
        MODEL,
        HUMAN,
        ["alignment"],
        labels,
        draw_items=True,
        human_n=None,
        model_n=None,
        n_resamples=1000,
        seed=0,
    )[0]
    expected = alone.groups.filter(pl.col("group") == "b")
    assert np.quantile(replicates[1], 0.025) == pytest.approx(expected["low"][0], abs=1e-14)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"human_n": None}, "pass human_n="),
        ({"resample": "replies"}, "pass model_n="),
        ({"resample": "people"}, "none of items, respondents, replies"),
        ({"resample": ()}, "resample is empty"),
        ({"method": "bca"}, "for items alone"),
        ({"method": "jackknife"}, "none of percentile"),
        ({"method": "delta", "resample": "items"}, "for respondents alone"),
        ({"confidence": 95}, "confidence is 95"),
        ({"n_resamples": 0}, "n_resamples is 0"),
        ({"seed": -1}, "seed is -1"),
        ({"n_threads": 0}, "n_threads is 0"),
        ({"human_n": SIZES[:3]}, "3 numbers of respondents for 30 rows"),
        ({"human_n": np.where(np.arange(30) == 4, 0.0, SIZES)}, "respondents of row 4 is 0"),
        ({"groups": GROUPS[:3]}, "3 group labels for 30 rows"),
        ({"items": ITEMS[:3]}, "3 item labels for 30 rows"),
        ({"metrics": ["cosine"]}, "'cosine'|\"cosine\""),
        ({"metrics": []}, "no metrics"),
        ({"scale": "interval"}, "neither 'ordinal' nor 'nominal'"),
    ],
)
def test_wrong_options_are_told_by_name(options: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidArgumentError, match=message):
        scored(**options).groups  # noqa: B018


# Samples of respondents.

ANSWERS = np.stack(
    [RNG.integers(0, 4, 300), RNG.integers(0, 3, 300), RNG.integers(-1, 5, 300)], axis=1
)
OPTIONS = [4, 3, 5]
SAMPLE_MODEL = [RNG.dirichlet(np.ones(k)) for k in OPTIONS * 2]
SAMPLE_GROUPS = ["x"] * 3 + ["y"] * 3
WEIGHTS = RNG.uniform(0.2, 3.0, 300)


def sample_words(replicate: int, n: int, sample: int = 0) -> np.ndarray:
    """Members of the sample as its stream chooses them, as many to a word as its bits will do."""
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
        ({"items": [0, 1, 7] * 2}, "item 7 is no column"),
        ({"weights": np.full(300, -1.0)}, "weight -1 of respondent 0"),
        ({"weights": np.ones(3)}, "3 weights for 300 respondents"),
        ({"strata": [0]}, "1 strata for 300 respondents"),
        ({"clusters": [0] * 300, "strata": list(range(300))}, "lies in two strata"),
        ({"resample": "replies"}, "items and respondents"),
        ({"method": "delta"}, "by replicates"),
    ],
)
def test_wrong_samples_are_told(options: dict[str, object], message: str) -> None:
    settings: dict[str, object] = {"items": [0, 1, 2] * 2, "n_options": OPTIONS} | options
    with pytest.raises(InvalidArgumentError, match=message):
        doxa.score.score_sample(SAMPLE_MODEL, ANSWERS, **settings).groups  # type: ignore[arg-type] # noqa: B018


def test_replicates_are_what_the_intervals_are_made_of() -> None:
    batch = scored(resample="items", n_resamples=999, method="percentile")
    replicates = batch.replicates()
    assert replicates.shape == (3, 999)
    low, high = np.quantile(replicates, [0.025, 0.975], axis=1)
    assert batch.groups["low"].to_numpy() == pytest.approx(low, abs=1e-12)
    assert batch.groups["high"].to_numpy() == pytest.approx(high, abs=1e-12)
    spread = (replicates[0] - replicates[1]).std(ddof=1)
    assert batch.compare("a", "b")["std_error"].item() == pytest.approx(spread, rel=1e-9)


def test_replicates_of_a_metric_not_asked_for_are_refused() -> None:
    with pytest.raises(InvalidArgumentError, match="'hellinger' is none of alignment"):
        scored().replicates("hellinger")


def test_items_and_respondents_give_the_interval_for_items_without_their_bias() -> None:
    items, both = scored(resample="items"), scored(resample=("items", "respondents"))
    ends = ("low", "high")
    bias = both.replicates().mean(axis=1) - items.groups["estimate"].to_numpy()
    assert (bias < 0).all()
    for name in ends:
        shifted = items.groups[name].to_numpy() - bias
        assert both.groups[name].to_numpy() == pytest.approx(shifted)
    assert both.groups["std_error"].equals(items.groups["std_error"])
    apart, bare = both.compare("a", "b"), items.compare("a", "b")
    for name in ends:
        assert apart[name].item() == pytest.approx(bare[name].item() - (bias[0] - bias[1]))


def test_studentized_needs_items_that_err_independently() -> None:
    with pytest.raises(InvalidArgumentError, match='pass method="basic"'):
        scored(resample="respondents", method="studentized")
    answers = RNG.integers(0, 4, (50, 10))
    drawn = {"items": list(range(10)), "n_options": [4] * 10, "resample": ("items", "respondents")}
    with pytest.raises(InvalidArgumentError, match='pass method="basic"'):
        doxa.score.score_sample(MODEL[:10], answers, method="studentized", **drawn)

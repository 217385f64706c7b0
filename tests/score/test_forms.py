"""Forms drawn again, against a slow twin that draws form by form."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import doxa
from doxa import _core
from doxa.errors import InvalidArgumentError, InvalidDistributionError
from doxa.score.forms import form_rows
from doxa.score.intervals import t_intervals
from score.made_batches import GROUPS, HUMAN, ITEMS, SIZES

_64 = 2**64
_RNG = np.random.default_rng(11)
FORMS = _RNG.dirichlet(np.ones(4), (30, 3))
FORMS[20:] = FORMS[10:20]


def mix(word: int) -> int:
    word = (word ^ (word >> 30)) * 0xBF58476D1CE4E5B9 % _64
    word = (word ^ (word >> 27)) * 0x94D049BB133111EB % _64
    return word ^ (word >> 31)


def words(seed: int, name: int, replicate: int, n: int) -> list[int]:
    """The first words of the stream that draws the forms of that name."""
    key = mix((name + 5 * 0x9E3779B97F4A7C15) % _64)
    generator = np.random.Philox(
        key=np.array([seed, key], np.uint64), counter=np.array([0, 0, replicate, 0], np.uint64)
    )
    return [int(word) for word in generator.random_raw(n)]


def drawn_form(forms: np.ndarray, item: int, label: str, seed: int, replicate: int) -> np.ndarray:
    """Join n - 1 of n forms, drawn with replacement."""
    n = len(forms)
    named = int.from_bytes(blake2b(label.encode(), digest_size=8).digest(), "little")
    drawn = words(seed, mix(mix(item) ^ named), replicate, n - 1)
    total = sum(forms[word * n >> 64] for word in drawn)
    return np.asarray(total / total.sum())


def aligned(model: np.ndarray, human: np.ndarray) -> float:
    steps = np.abs(np.cumsum(model - human))[:-1]
    return float(1 - steps.sum() / steps.size)


def scored(forms: Any = FORMS, **options: Any) -> doxa.ScoreBatch:
    given: dict[str, Any] = {
        "groups": GROUPS, "items": ITEMS, "human_n": SIZES, "resample": ("items", "forms"),
        "model_forms": forms, "n_resamples": 100,
    }  # fmt: skip
    return doxa.score_batch(forms.mean(axis=1), HUMAN, **given | options)


@settings(max_examples=25, deadline=None)
@given(data=st.data(), n_items=st.integers(1, 6), draw_items=st.booleans())
def test_replicates_are_those_of_the_twin(
    data: st.DataObject, n_items: int, draw_items: bool
) -> None:
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    seed, n_resamples = int(rng.integers(2**40)), 70
    numbers = rng.integers(1, 6, n_items)
    masses = [rng.dirichlet(np.ones(3), n) * rng.uniform(0.3, 1, (n, 1)) for n in numbers]
    labels = [f"set {n}" for n in rng.integers(0, 2, n_items)]
    model = [mass.sum(axis=0) / mass.sum() for mass in masses]
    human = rng.dirichlet(np.ones(3), n_items)
    sources = ("items", "forms") if draw_items else ("forms",)
    batch = doxa.score_batch(
        model, human, model_forms=masses, form_sets=labels, resample=sources,
        n_resamples=n_resamples, seed=seed,
    )  # fmt: skip
    scores = np.array([
        [
            aligned(
                model[i]
                if numbers[i] == 1
                else drawn_form(masses[i], i, labels[i], seed, replicate),
                human[i],
            )
            for i in range(n_items)
        ]
        for replicate in range(n_resamples)
    ])  # fmt: skip
    weights = np.ones((n_resamples, n_items))
    if draw_items:
        weights[:] = 0
        for replicate in range(n_resamples):
            drawn = _core.stream(seed, replicate, n_items)
            np.add.at(weights[replicate], [int(word) * n_items >> 64 for word in drawn], 1)
    expected = (weights * scores).sum(axis=1) / weights.sum(axis=1)
    assert batch.replicates()[0] == pytest.approx(expected, abs=1e-12)
    many = max(numbers) > 4
    mean = batch.drawn_scores()
    for i, mass in enumerate(masses):
        exact = scores[:, i].mean() if many else _exact(mass, human[i])
        assert mean[i] == pytest.approx(exact, abs=1e-12)


def _exact(mass: np.ndarray, human: np.ndarray) -> float:
    """Average over all sequences of draws."""
    n = len(mass)
    if n == 1:
        return aligned(mass[0] / mass.sum(), human)
    found = []
    for choice in np.ndindex(*[n] * (n - 1)):
        total = mass[list(choice)].sum(axis=0)
        found.append(aligned(total / total.sum(), human))
    return float(np.mean(found))


def test_the_variance_is_that_of_a_mean_of_forms() -> None:
    # linear in the shares where the two cumulated distributions do not cross
    human = np.tile([0.0, 1.0], (1, 1))
    for n in (2, 3, 6):
        shares = np.random.default_rng(n).uniform(0.2, 0.8, n)
        forms = np.stack([1 - shares, shares], axis=1)[None]
        batch = doxa.score_batch(
            forms.mean(axis=1), human, model_forms=forms, resample="forms", n_resamples=20_000
        )
        error = batch.groups["std_error"].item()
        assert error == pytest.approx(shares.std(ddof=1) / np.sqrt(n), rel=0.03)


def test_groups_with_the_same_forms_share_their_draws() -> None:
    batch = scored(resample="forms")
    assert batch.compare("b", "c")["std_error"][0] == 0
    named = scored(resample="forms", form_sets=["x"] * 20 + ["y"] * 10)
    assert named.compare("b", "c")["std_error"][0] > 0


def test_the_order_of_rows_and_of_threads_changes_no_bit() -> None:
    order = np.random.default_rng(2).permutation(30)
    tables = [
        doxa.score_batch(
            FORMS[rows].mean(axis=1), HUMAN[rows], groups=GROUPS[rows], items=ITEMS[rows],
            human_n=SIZES, model_forms=FORMS[rows], resample=("items", "respondents", "forms"),
            n_resamples=100, n_threads=threads,
        ).groups.sort("group")
        for rows, threads in ((np.arange(30), 1), (order, 2))
    ]  # fmt: skip
    assert tables[0].equals(tables[1])


def test_a_corrected_interval_is_that_of_corrected_items() -> None:
    batch = scored()
    values = batch.scores["alignment"].to_numpy()
    corrected = 2 * values - batch.drawn_scores()
    labels = (
        np.repeat(np.arange(3, dtype=np.uint32), 10),
        np.tile(np.arange(10, dtype=np.uint32), 3),
        3,
        10,
    )
    found = _core.item_intervals(
        corrected, labels, n_resamples=100, seed=0, method="studentized", confidence=0.95
    )
    table = batch.groups
    assert table["estimate"].to_numpy() == pytest.approx(values.reshape(3, 10).mean(axis=1))
    ends = table.select("low", "high", "std_error").to_numpy().T
    assert ends == pytest.approx(found[2:])
    apart = batch.compare("a", "b").row(0, named=True)
    one = np.zeros(10, np.uint32), np.arange(10, dtype=np.uint32), 1, 10
    paired = _core.item_intervals(
        corrected[:10] - corrected[10:20], one, n_resamples=100, seed=0, method="studentized",
        confidence=0.95,
    )  # fmt: skip
    ends = t_intervals(paired[1], paired[4], 0.95, [10]).ravel()
    assert [apart["low"], apart["high"]] == pytest.approx(ends)
    assert apart["estimate"] == pytest.approx((values[:10] - values[10:20]).mean())


def test_forms_have_their_share_of_the_variance() -> None:
    shares = scored().variance_shares
    assert shares["source"].unique(maintain_order=True).to_list() == ["items", "forms"]
    alone = scored(resample="forms").groups["std_error"].to_list()
    assert shares.filter(source="forms")["std_error"].to_list() == pytest.approx(alone)
    with pytest.raises(InvalidArgumentError, match="only items were resampled"):
        scored(resample="items").drawn_scores()


def test_single_forms_leave_the_interval_of_items() -> None:
    alone = scored(resample="items", model_forms=None).groups
    single = scored(model_forms=[None] * 30).groups
    assert single.select("low", "high").to_numpy() == pytest.approx(
        alone.select("low", "high").to_numpy(), abs=1e-12
    )


def test_the_replies_of_several_forms_are_not_drawn_besides() -> None:
    forms: list[Any] = [*FORMS[:10], *[None] * 20]
    options = {"resample": ("replies", "forms"), "model_forms": forms, "model_n": [5] * 30}
    both = scored(**options).replicates()
    assert (both[0] == scored(resample="forms").replicates()[0]).all()
    replies = scored(**options | {"resample": "replies", "method": "basic"}).replicates()
    assert (both[1:] == replies[1:]).all()


def test_forms_come_as_lists_or_as_a_series() -> None:
    series = pl.Series([*FORMS[:2].tolist(), None], dtype=pl.List(pl.List(pl.Float64)))
    rows = FORMS[:3].mean(axis=1), HUMAN[:3]
    of_lists = doxa.score_batch(
        *rows, model_forms=[*FORMS[:2].tolist(), None], resample="forms", n_resamples=50
    )
    of_series = doxa.score_batch(*rows, model_forms=series, resample="forms", n_resamples=50)
    assert (of_lists.replicates() == of_series.replicates()).all()
    assert form_rows(series, None, 3)[1].tolist() == [0, 3, 6, 6]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"model_forms": None}, "pass model_forms="),
        ({"model_forms": FORMS[:3]}, "3 entries in model_forms for 30 rows: give one per row"),
        ({"form_sets": ["x"]}, "1 entries in form_sets for 30 rows: give one per row"),
        ({"model_forms": FORMS[::-1]}, "model row 0 gives option 0 the share .*: pass the mean"),
        ({"model_forms": np.full((30, 257, 4), 0.25)}, "row 0 has 257 forms: give at most 256"),
        ({"method": "bca"}, "for items alone"),
    ],
)
def test_wrong_forms_are_told_in_a_line(options: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidArgumentError, match=message):
        scored(**options).groups  # noqa: B018


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ([0.0, 0.0, 0.0, 0.0], "form row 4 sums to 0"),
        ([0.5, 0.6, 0.0, 0.0], "form row 4 sums to 1.1"),
        ([0.5, -0.5, 0.5, 0.0], "form row 4 holds -0.5"),
        ([np.nan, 0.5, 0.5, 0.0], "form row 4 holds NaN"),
    ],
)
def test_a_form_without_shares_is_told_by_its_row(row: list[float], message: str) -> None:
    forms = FORMS.copy()
    forms[1, 1] = row
    with pytest.raises(InvalidDistributionError, match=message):
        scored(model_forms=forms).groups  # noqa: B018
    lists = [form[:, :3] if number == 1 else form for number, form in enumerate(FORMS)]
    with pytest.raises(InvalidDistributionError, match="form row 3 has 3 options where"):
        scored(model_forms=lists).groups  # noqa: B018

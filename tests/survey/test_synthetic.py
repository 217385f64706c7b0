from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest

from doxa.errors import InvalidArgumentError
from doxa.questionnaire.missing import MISSING_REASONS
from doxa.survey import synthetic
from doxa.survey.codes import answer_codes

if TYPE_CHECKING:
    from doxa.questionnaire.item import Item
    from doxa.survey import Synthetic


def test_the_file_has_the_survey_s_shape(made: Synthetic, some_items: dict[str, Item]) -> None:
    assert made.frame.shape == (1200 + 15, 300)
    assert set(made.frame["B_COUNTRY_ALPHA"]) == {"JPN", "USA", "COL", "NIR"} == made.means.keys()
    assert made.frame["D_INTERVIEW"].n_unique() == 1200
    assert made.frame["W_WEIGHT"].min() > 0
    for name, item in some_items.items():
        assert set(made.frame[name]) <= {*answer_codes(item), *MISSING_REASONS}


def test_the_truth_counts_each_respondent_once(made: Synthetic) -> None:
    apart = made.frame.unique("D_INTERVIEW", keep="first", maintain_order=True)
    total = made.truth.group_by("country", "question").agg(pl.col("n", "weighted_n").sum())
    assert total["n"].unique().to_list() == [300]
    weights = dict(apart.group_by("B_COUNTRY_ALPHA").agg(pl.col("W_WEIGHT").sum()).iter_rows())
    for country, weighted_n in total.select("country", "weighted_n").iter_rows():
        assert weighted_n == pytest.approx(weights[country])


def test_the_seed_fixes_everything(some_items: dict[str, Item]) -> None:
    first, again, other = (synthetic(40, some_items, seed=seed) for seed in (3, 3, 4))
    assert first.frame.equals(again.frame)
    assert not first.frame.equals(other.frame)


@pytest.mark.parametrize(
    ("n", "fields", "message"),
    [
        (40, {"countries": ["Japan"]}, r"countries=\['Japan'\]: give alpha-3 codes"),
        (40, {"countries": []}, "give alpha-3 codes"),
        (3, {}, "n=3, n_repeated=0: give one respondent a country"),
        (40, {"n_repeated": 41}, "n_repeated=41"),
    ],
)
def test_invalid_arguments_are_errors(
    some_items: dict[str, Item], n: int, fields: dict[str, object], message: str
) -> None:
    with pytest.raises(InvalidArgumentError, match=message):
        synthetic(n, some_items, **fields)  # type: ignore[arg-type]


def test_groups_differ_by_as_much_as_is_asked_for(some_items: dict[str, Item]) -> None:
    alike = synthetic(3000, some_items, countries=("JPN",))
    assert alike.frame.equals(synthetic(3000, some_items, countries=("JPN",), groups=0.0).frame)
    apart = []
    for groups in (0.01, 2.0):
        made = synthetic(3000, some_items, countries=("JPN",), groups=groups).frame
        assert made["Q260"].unique().sort().to_list() == [1, 2]
        assert made["Q262"].min() == 18
        assert made["Q275"].max() == 8
        name = next(name for name, item in some_items.items() if item.scale.kind == "ordinal")
        means = made.filter(pl.col(name) > 0).group_by("Q260").agg(pl.col(name).mean())[name]
        apart.append(abs(means[0] - means[1]))
    assert apart[1] > 3 * apart[0]

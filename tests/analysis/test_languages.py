from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from statsmodels.stats.multitest import multipletests

from analysis.made_models import blend, model_from
from doxa.analysis import Settings, own_language, steering_effects
from doxa.analysis.languages import ALL_COUNTRIES, OWN_AGAINST_BEST, OWN_AGAINST_REFERENCE
from doxa.errors import NoDataError
from doxa.score import item_weights

if TYPE_CHECKING:
    from doxa.questionnaire import QuestionBank

OWN = {"BGD": "bn", "COL": "es", "JPN": "ja", "USA": "en"}


@pytest.fixture(scope="module")
def model(human: pl.DataFrame) -> pl.DataFrame:
    """Asked in the languages of three of four countries; the Bengali was left out."""
    return pl.concat([
        blend(model_from(human, "USA"), 0.1),
        blend(model_from(human, "COL", language="es"), 0.3),
        blend(model_from(human, "JPN", language="ja"), 0.4),
        model_from(human, "BGD", language="fr"),
    ])  # fmt: skip


@pytest.fixture(scope="module")
def table(model: pl.DataFrame, human: pl.DataFrame, bank: QuestionBank) -> pl.DataFrame:
    return own_language(model, human, bank)


def scores_by_hand(
    model: pl.DataFrame, human: pl.DataFrame, bank: QuestionBank, language: str, country: str
) -> dict[str, float]:
    """Compute alignments item by item from their definition."""
    told = model.filter(language=language)
    people = human.filter(country=country, wave=7)
    both = told.join(people, on="question", suffix="_human")
    found = {}
    for item, p, q in both.select("question", "probabilities", "probabilities_human").iter_rows():
        scale = bank.items[item].scale
        apart = np.array(p) - np.array(q)
        if scale.kind == "nominal":
            found[item] = 1 - np.abs(apart).sum() / 2
        else:
            x = np.array(scale.positions, float)
            steps = np.diff(x) / (x[-1] - x[0])
            found[item] = 1 - np.abs(np.cumsum(apart)[:-1]) @ np.abs(steps)
    return found


def test_the_bank_has_the_main_languages(bank: QuestionBank) -> None:
    assert {code: bank.countries[code].main_language for code in OWN} == OWN


def test_gains_are_paired_differences_over_the_shared_items(
    table: pl.DataFrame, model: pl.DataFrame, human: pl.DataFrame, bank: QuestionBank
) -> None:
    shown = table.filter(~pl.col("is_mean"))
    assert sorted(shown.filter(measure=OWN_AGAINST_REFERENCE)["country"]) == ["COL", "JPN"]
    assert sorted(shown.filter(measure=OWN_AGAINST_BEST)["country"]) == ["COL", "JPN", "USA"]
    for row in shown.iter_rows(named=True):
        own, other = (
            scores_by_hand(model, human, bank, row[name], row["country"])
            for name in ("own_language", "other_language")
        )
        items = sorted(own.keys() & other.keys())
        apart = np.array([own[item] - other[item] for item in items])
        assert row["own_language"] == OWN[row["country"]]
        assert row["n_items"] == len(items)
        assert row["estimate"] == pytest.approx(apart.mean(), abs=1e-12)
        assert row["own"] - row["other"] == pytest.approx(apart.mean(), abs=1e-12)
        drawn = item_weights(len(items), n_resamples=1000, seed=0) @ apart
        assert row["std_error"] == pytest.approx(drawn.std(ddof=1), rel=0.01)
        assert row["low"] < row["estimate"] < row["high"]


def test_against_english_it_is_the_effect_of_the_language(
    table: pl.DataFrame, model: pl.DataFrame, human: pl.DataFrame, bank: QuestionBank
) -> None:
    effects = steering_effects(model, human, bank, reference_language="en")
    for row in table.filter(~pl.col("is_mean"), measure=OWN_AGAINST_REFERENCE).rows(named=True):
        same = effects.filter(country=row["country"], language=row["own_language"])
        for name in ("estimate", "low", "high", "std_error", "p_value"):
            assert row[name] == pytest.approx(same[name].item(), abs=1e-12)


def test_the_best_other_language_is_neither_the_own_nor_the_reference(
    table: pl.DataFrame, model: pl.DataFrame, human: pl.DataFrame, bank: QuestionBank
) -> None:
    for row in table.filter(~pl.col("is_mean"), measure=OWN_AGAINST_BEST).rows(named=True):
        means = {
            language: np.mean(
                [*scores_by_hand(model, human, bank, language, row["country"]).values()]
            )
            for language in {"es", "ja", "fr"} - {row["own_language"]}
        }
        assert row["other_language"] == max(means, key=lambda language: means[language])


def test_the_mean_is_over_countries_and_counts_those_without_a_pair(
    table: pl.DataFrame, model: pl.DataFrame, human: pl.DataFrame, bank: QuestionBank
) -> None:
    means = {row["measure"]: row for row in table.filter("is_mean").rows(named=True)}
    english = means[OWN_AGAINST_REFERENCE]
    assert english["country"] == ALL_COUNTRIES
    assert english["n_countries"] == 2
    assert english["note"] == (
        "countries not in the mean: 2 (main language en: 1; not asked in their main language: 1)"
    )
    scores = [
        scores_by_hand(model, human, bank, language, country)
        for country, own in (("COL", "es"), ("JPN", "ja"))
        for language in (own, "en")
    ]
    items = set.intersection(*(set(one) for one in scores))
    means_by_hand = [np.mean([one[item] for item in items]) for one in scores]
    gains = means_by_hand[0] - means_by_hand[1], means_by_hand[2] - means_by_hand[3]
    assert english["n_items"] == len(items)
    assert english["estimate"] == pytest.approx(np.mean(gains), abs=1e-12)
    assert english["low"] < english["estimate"] < english["high"]
    assert means[OWN_AGAINST_BEST]["n_countries"] == 3


def test_each_measure_is_a_family_and_so_are_the_means(table: pl.DataFrame) -> None:
    for _, part in table.group_by("measure", "is_mean"):
        expected = multipletests(part["p_value"].to_numpy(), method="holm")[1]
        np.testing.assert_allclose(part["p_adjusted"], expected, atol=1e-12)


def test_a_steering_is_compared_for_its_target_alone(
    model: pl.DataFrame, human: pl.DataFrame, bank: QuestionBank
) -> None:
    persona = {"steering": "persona", "target": "JPN"}
    steered = pl.concat([
        model_from(human, "USA", **persona), model_from(human, "JPN", language="ja", **persona)
    ])  # fmt: skip
    table = own_language(pl.concat([model, steered]), human, bank).filter(steering="persona")
    row, mean = table.filter(measure=OWN_AGAINST_REFERENCE).rows(named=True)
    assert (row["country"], mean["n_countries"], mean["note"]) == ("JPN", 1, "")
    assert row["own"] == pytest.approx(1)
    none = table.filter(measure=OWN_AGAINST_BEST).row(0, named=True)
    assert (none["n_countries"], none["n_items"], none["estimate"]) == (0, 0, None)
    assert none["note"] == "countries not in the mean: 1 (asked in no further language: 1)"


def test_replies_recorded_under_the_country_of_their_language_pair_too(
    model: pl.DataFrame, human: pl.DataFrame, bank: QuestionBank, table: pl.DataFrame
) -> None:
    named = pl.when(language="ja").then(pl.lit("JPN")).otherwise("target")
    again = own_language(model.with_columns(target=named), human, bank)
    japan = pl.col("country") == "JPN", pl.col("measure") == OWN_AGAINST_REFERENCE
    assert again.filter(*japan).drop("p_adjusted").equals(table.filter(*japan).drop("p_adjusted"))


def test_degenerate_cases_are_told(
    model: pl.DataFrame, human: pl.DataFrame, bank: QuestionBank
) -> None:
    few = model.filter(pl.col("question").is_in(sorted(model["question"].unique())[:1]))
    one = own_language(few, human, bank, settings=Settings(n_resamples=50))
    assert one["p_value"].null_count() == one.height
    assert one["note"].str.starts_with("one item: no interval").all()
    alike = pl.concat([model_from(human, "USA"), model_from(human, "USA", language="ja")])
    same = own_language(alike, human, bank, settings=Settings(n_resamples=50))
    japan = same.filter(country="JPN").row(0, named=True)
    assert (japan["estimate"], japan["p_value"], japan["note"]) == (0, 1, "no item differs")


def test_without_a_pair_it_says_what_to_ask(human: pl.DataFrame, bank: QuestionBank) -> None:
    with pytest.raises(NoDataError, match="ask in both, such as with --languages en,main"):
        own_language(model_from(human, "USA"), human, bank)

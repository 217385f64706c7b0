from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doxa.errors import ExperimentError
from doxa.prompt import Condition, excluded_items
from doxa.questionnaire import QuestionBank
from doxa.run.grid import choose_items, expand_steering, expand_targets

BANK = QuestionBank.load()


@pytest.mark.parametrize(
    ("name", "triples"),
    [
        ("none", [("en", "none", ""), ("ja", "none", "")]),
        ("language", [("ja", "none", ""), ("es", "none", "")]),
        ("language_persona", [("ja", "persona", "JPN"), ("es", "persona", "COL")]),
        ("persona", [(la, "persona", co) for co in ("JPN", "COL") for la in ("en", "ja")]),
        ("language_persona_few-shot", [("ja", "persona_few-shot", "JPN"),
                                       ("es", "persona_few-shot", "COL")]),
        ("time-6", [("en", "time-6", ""), ("ja", "time-6", "")]),
    ],
)  # fmt: skip
def test_steering_names(name: str, triples: list[tuple[str, str, str]]) -> None:
    assert (
        expand_steering(name, languages=["en", "ja"], targets=["JPN", "COL"], bank=BANK) == triples
    )


@pytest.mark.parametrize(
    ("name", "languages", "triples"),
    [
        ("persona", ["main"], [("ja", "persona", "JPN"), ("fr", "persona", "FRA"),
                               ("es", "persona", "COL"), ("es", "persona", "MEX")]),
        ("none", ["main"], [("ja", "none", ""), ("fr", "none", ""), ("es", "none", "")]),
        ("none", ["fr", "main"], [("fr", "none", ""), ("ja", "none", ""), ("es", "none", "")]),
        ("persona", ["en", "main"], [(la, "persona", co) for co, own in
                                     (("JPN", "ja"), ("FRA", "fr"), ("COL", "es"), ("MEX", "es"))
                                     for la in ("en", own)]),
        ("language_persona", ["main"], [("ja", "persona", "JPN"), ("fr", "persona", "FRA"),
                                        ("es", "persona", "COL"), ("es", "persona", "MEX")]),
    ],
)  # fmt: skip
def test_main_is_each_target_s_own_main_language(
    name: str, languages: list[str], triples: list[tuple[str, str, str]]
) -> None:
    targets = ["JPN", "FRA", "COL", "MEX"]
    assert expand_steering(name, languages=languages, targets=targets, bank=BANK) == triples


def test_main_asks_a_country_of_several_languages_in_the_first() -> None:
    asked = expand_steering("persona", languages=["main"], targets=["CAN"], bank=BANK)
    assert asked == [("en", "persona", "CAN")]


def test_all_languages_are_those_of_the_questionnaire() -> None:
    asked = expand_steering("none", languages=["ja", "all"], targets=[], bank=BANK)
    assert [language for language, _, _ in asked] == [
        "ja",
        *(code for code in BANK.languages if code != "ja"),
    ]


def test_main_needs_targets_whose_language_there_is() -> None:
    with pytest.raises(ExperimentError, match="language 'main' needs targets: name countries"):
        expand_steering("none", languages=["main"], targets=[], bank=BANK)
    asked = ["ITA", "JPN", "HUN"]
    with pytest.raises(
        ExperimentError, match=r"lacks the main language of some targets, it \(ITA\); hu \(HUN\)"
    ):
        expand_steering("none", languages=["main"], targets=asked, bank=BANK)


def test_all_targets_are_the_countries_of_the_wave() -> None:
    for wave, n in ((5, 58), (6, 61), (7, 66)):
        named = expand_targets(["JPN", "all"], wave, BANK)
        assert (named[0], len(named), len(set(named))) == ("JPN", n, n)
    with pytest.raises(ExperimentError, match="no countries of wave 3: name the targets"):
        expand_targets(["all"], 3, BANK)


@given(st.integers(1, 100))
def test_items_by_number_avoid_examples(n: int) -> None:
    conditions = [Condition("en"), Condition("ja")]
    items = choose_items(n, conditions, bank=BANK)
    assert len(items) == len(set(items)) == n
    assert not set(items) & excluded_items(conditions, bank=BANK)
    assert list(items) == [item for item in BANK.items if item in items]


def test_all_items_leave_out_the_examples() -> None:
    conditions = [Condition("en", n_examples=2)]
    items = choose_items(None, conditions, bank=BANK)
    assert set(items) == set(BANK.items) - excluded_items(conditions, bank=BANK)
    assert choose_items(None, [Condition("en", n_examples=0)], bank=BANK) == tuple(BANK.items)

from __future__ import annotations

from itertools import product

import polars as pl
import pytest

from doxa.questionnaire import QuestionBank
from doxa.recorded import with_condition
from doxa.recorded.conditions import condition_name, parse_condition

BANK = QuestionBank.load()


@pytest.mark.parametrize(
    ("way", "name"),
    [
        (("verbalized", "en", "none", ""), "none"),
        (("logprobs", "en", "none", ""), "logprobs"),
        (("verbalized", "en", "persona", "JPN"), "persona"),
        (("verbalized", "ja", "persona", "JPN"), "language_persona"),
        (("verbalized", "ja", "persona", "RUS"), "ja_persona"),
        (("sampling", "ru", "few-shot", "RUS"), "language_few-shot_sampling"),
        (("logprobs", "en", "none", "", "512"), "logprobs_thinking-512"),
        (("logprobs", "en", "none", "", "off", "sex=female"), "sex=female_logprobs"),
    ],
)
def test_names(way: tuple[str, ...], name: str) -> None:
    assert condition_name(*way, bank=BANK) == name


def test_a_name_leads_back_to_the_way_of_asking() -> None:
    for steering, language in product(("none", "persona", "few-shot"), ("en", "ja")):
        name = condition_name("verbalized", language, steering, "JPN", bank=BANK)
        assert parse_condition(name, "JPN", BANK) == (language, steering)


def test_a_way_that_doxa_does_not_have_stays_apart() -> None:
    assert parse_condition("sensitivity-order", "", BANK) == ("en", "sensitivity-order")
    name = condition_name("verbalized", "en", "sensitivity-order", "", bank=BANK)
    assert name == "sensitivity-order"


def test_a_language_needs_its_country() -> None:
    with pytest.raises(KeyError):
        parse_condition("language_persona", "", BANK)


def test_rows_keep_their_order() -> None:
    frame = pl.DataFrame({
        "elicitation": ["verbalized", "logprobs", "verbalized"],
        "language": ["ja", "en", "ja"],
        "steering": ["persona", "none", "persona"],
        "target": ["JPN", "", "JPN"],
        "group": ["", "", ""],
        "reasoning": ["off", "off", "off"],
        "row": [0, 1, 2],
    })  # fmt: skip
    named = with_condition(frame, BANK)
    assert named.select("row", "condition").rows() == [
        (0, "language_persona"), (1, "logprobs"), (2, "language_persona"),
    ]  # fmt: skip

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import polars as pl

from doxa.analysis import Settings
from doxa.demo import verdict
from doxa.evaluate import Evaluation
from doxa.prompt.order import ordered_codes
from doxa.questionnaire import QuestionBank
from doxa.survey import sample

if TYPE_CHECKING:
    from collections.abc import Callable

BANK = QuestionBank.load()
COUNTS = sample(wave=7)
ITEMS = ("Q1", "Q29", "Q46", "Q57", "Q106", "Q131", "Q164", "Q199")
OWN = {"en": "USA", "ja": "JPN", "es": "COL"}


def evaluation(
    answer: Callable[[str, tuple[int, ...], str, str], list[float]],
) -> Evaluation:
    """Evaluate a model that answers so, from item, codes as shown, language, elicitation."""
    rows = []
    for item in ITEMS:
        for order in ("listed", "reversed"):
            listed = BANK.items[item].scale.all_codes
            codes = ordered_codes(BANK.items[item], order)
            for language in OWN:
                for elicitation in ("logprobs", "logprobs-calibrated"):
                    shares = dict(
                        zip(codes, answer(item, codes, language, elicitation), strict=True)
                    )
                    rows.append({
                        "request_key": f"{len(rows)}", "model": "m", "backend": "b",
                        "question": item, "language": language, "steering": "none", "target": "",
                        "template": "a", "option_order": order, "draw": 0,
                        "elicitation": elicitation, "status": "ok", "codes": list(listed),
                        "probabilities": [shares[code] for code in listed],
                        "off_option_mass": 0.5 if language == "ja" else 0.125, "n_draws": 1,
                    })  # fmt: skip
    settings = Settings(n_resamples=200)
    return Evaluation(pl.DataFrame(rows), pl.DataFrame(), COUNTS, BANK, frozenset(), {}, settings)


def equal(_: str, codes: tuple[int, ...], *__: str) -> list[float]:
    return [1 / len(codes)] * len(codes)


def people(country: str) -> Callable[[str, tuple[int, ...]], list[float]]:
    shares = {
        item: dict(part.select("code", pl.col("n") / pl.col("n").sum()).iter_rows())
        for (item,), part in COUNTS.filter(country=country).group_by("question")
    }

    def answer(item: str, codes: tuple[int, ...]) -> list[float]:
        found = [float(shares[item].get(code, 0)) for code in codes]
        return [share / sum(found) for share in found]

    return answer


def test_equal_shares_are_no_better_than_equal_shares() -> None:
    conclusion, raw, calibrated, order, off, language = verdict(evaluation(equal), OWN)
    assert "its answers are not measurably closer to people’s than equal shares" in conclusion
    assert "(correlation at least 1.00)" in conclusion
    assert "whose opinions the model has" in conclusion
    assert raw.startswith("Option probabilities: mean alignment 0.")
    assert "over 8 items, 4 countries and 3 prompt languages." in raw
    score, uniform = re.findall(r"\d\.\d{3}", calibrated)[:2]
    assert score == uniform
    assert "+0.000 [+0.000, +0.000]" in calibrated
    assert "an option gains +0 points (+0 to +0 by language) with option prob" in order
    assert "From 12 % (English) to 50 % (Japanese)" in off
    assert re.search(r"Japan .0\.000 \[.0\.000, .0\.000\] and Colombia .0\.000", language)
    assert language.endswith("The interval lies above zero in 0 of 2.")


def test_answers_like_peoples_are_said_to_be_closer() -> None:
    american = people("USA")

    def answer(item: str, codes: tuple[int, ...], _: str, elicitation: str) -> list[float]:
        return american(item, codes) if elicitation == "logprobs" else equal(item, codes)

    conclusion, raw, calibrated, *_ = verdict(evaluation(answer), OWN)
    assert conclusion == (
        "By its option probabilities, its answers are closer to people’s than equal shares for "
        "every option are."
    )
    gap = re.findall(r"[+−]\d\.\d{3}", raw)
    assert len(gap) == 3
    assert all(number.startswith("+0.") and number != "+0.000" for number in gap)
    assert "+0.000 [+0.000, +0.000]" in calibrated


def test_answers_unlike_people_are_not_called_equal_shares() -> None:
    american = people("USA")

    def answer(item: str, codes: tuple[int, ...], *_: str) -> list[float]:
        least = min(american(item, codes))
        return [float(share == least) for share in american(item, codes)]

    conclusion, *_ = verdict(evaluation(answer), OWN)
    assert conclusion == (
        "However they are read, its answers are not measurably closer to people’s than equal "
        "shares for every option are."
    )


def test_the_pull_of_the_first_place_is_told_in_points() -> None:
    def answer(_: str, codes: tuple[int, ...], language: str, elicitation: str) -> list[float]:
        first = 1.0 if language == "ja" else 0.75
        if elicitation == "logprobs-calibrated":
            return equal("", codes)
        return [first, *[0.0] * (len(codes) - 2), 1 - first]

    _, _, _, order, *_ = verdict(evaluation(answer), OWN)
    assert "gains +67 points (+50 to +100 by language) with option probabilities and +0" in order


def test_a_language_that_brings_out_its_country_is_counted() -> None:
    own = {language: people(country) for language, country in OWN.items()}

    def answer(item: str, codes: tuple[int, ...], language: str, _: str) -> list[float]:
        return own[language](item, codes)

    *_, language = verdict(evaluation(answer), OWN)
    assert language.endswith("The interval lies above zero in 1 of 2.")
    assert re.search(r"Colombia \+0\.\d+ \[\+0", language)

"""What can be checked of every language without knowing it: ends of scales, lengths, records.

`test_language` checks script, digits, repeated texts and words left in English.
"""

from __future__ import annotations

import csv
import tomllib
from difflib import SequenceMatcher
from functools import cache
from pathlib import Path
from statistics import mean, median
from typing import TYPE_CHECKING

import pytest

from doxa.questionnaire import QuestionBank
from doxa.questionnaire.language import REVIEWS

if TYPE_CHECKING:
    from doxa.questionnaire import Language

BANK = QuestionBank.load()
RECORDS = Path(__file__).parents[2] / "data" / "questionnaire" / "review"
VERDICTS = {"same", "changed", "reworded", "unsure", "author"}

Sets = dict[str, list[str]]

# Sets of how much of something, whose labels share words in every language: which end is the most.
MOST = dict.fromkeys(
    ("importance", "happiness", "trust", "confidence", "safety", "worry", "interest", "closeness"),
    0,
) | dict.fromkeys(("importance_10", "importance_absolute", "control"), -1)
REVERSED = -0.1
"""Below this, the ends of a set are clearly more like the opposite ends of the other sets."""


def answer_sets(language: Language) -> Sets:
    return tomllib.loads(language.path.read_text(encoding="utf-8"))["answers"]


@pytest.fixture(params=BANK.languages)
def language(request: pytest.FixtureRequest) -> Language:
    return BANK.language(request.param)


@pytest.fixture
def sets(language: Language) -> Sets:
    return answer_sets(language)


@cache
def alike(a: str, b: str) -> float:
    """From 0 to 1: how many letters, in the same order, two texts share."""
    return SequenceMatcher(None, a.casefold(), b.casefold(), autojunk=False).ratio()


def leanings(sets: Sets) -> dict[str, float]:
    """For each set of `MOST`: how much more its ends are like the others' than like them turned."""
    ends = {name: (sets[name][most], sets[name][-1 - most]) for name, most in MOST.items()}
    return {
        name: mean(
            alike(most, other_most) + alike(least, other_least)
            - alike(most, other_least) - alike(least, other_most)
            for other, (other_most, other_least) in ends.items()
            if other != name
        )
        for name, (most, least) in ends.items()
    }  # fmt: skip


def test_the_two_ten_step_scales_of_agreement_are_mirror_images(sets: Sets) -> None:
    assert sets["agreement_10"] == sets["disagreement_10"][::-1]


def test_all_sets_of_agreement_share_their_words(sets: Sets) -> None:
    strongly, agree, _, disagree, strongly_not = sets["agreement_5"]
    assert sets["agreement_4"] == [strongly, agree, disagree, strongly_not]
    assert sets["agreement_4_unsure"][:4] == sets["agreement_4"]


def test_freedom_is_the_same_word_in_both_choices(sets: Sets) -> None:
    assert sets["freedom_equality"][0] == sets["freedom_security"][0]


def test_no_scale_is_turned_round(sets: Sets) -> None:
    """The end that means much is worded like the ends of other scales that mean much."""
    found = leanings(sets)
    assert not {name: value for name, value in found.items() if value < REVERSED}
    assert mean(found.values()) > -REVERSED


def test_a_scale_that_were_turned_round_would_be_noticed() -> None:
    """The check above is worth something: it misses few of the scales that one could turn round."""
    sets = answer_sets(BANK.language("en"))
    found, turned = leanings(sets), leanings(sets | {"worry": sets["worry"][::-1]})
    assert turned["worry"] == pytest.approx(-found["worry"], abs=0.02)
    assert turned["worry"] < REVERSED
    every = [
        v for code in BANK.languages for v in leanings(answer_sets(BANK.language(code))).values()
    ]
    assert sum(-value >= REVERSED for value in every) <= 0.08 * len(every)


def test_labels_of_an_item_s_own_are_those_of_its_set_inflected(
    language: Language, sets: Sets
) -> None:
    """Each is more like the set's label at its place than like any other of the set."""
    for question in language.questions.values():
        item = question.item
        own = [question.label(code) for code in item.listed if code in item.labelled]
        shared = sets.get(item.answers, own)
        for place, label in enumerate(own):
            likeness = [alike(label, other) for other in shared]
            assert likeness[place] == max(likeness), f"{item.id}: {label}"


def test_texts_are_about_as_long_as_the_english_ones(language: Language, sets: Sets) -> None:
    """A text that is cut off, doubled or of another item has another length, as a language goes."""
    english = BANK.language("en")
    ratios = {
        item: len(question.text) / len(english.questions[item].text)
        for item, question in language.questions.items()
    }
    usual = median(ratios.values())
    assert 0.2 < usual < 1.8
    odd = {item: ratio / usual for item, ratio in ratios.items() if not 0.4 < ratio / usual < 4}
    assert not odd
    for name, labels in answer_sets(english).items():
        lengths = [len(label) for label in labels], [len(label) for label in sets[name]]
        assert 0.25 < sum(lengths[1]) / sum(lengths[0]) / usual < 4, name


def test_quotation_marks_and_brackets_are_closed(language: Language) -> None:
    for item, question in language.questions.items():
        for pair in ("()", "（）", "«»", "「」", "『』", "《》"):
            for text in (question.text, *question.labels):
                assert text.count(pair[0]) == text.count(pair[1]), item


def test_the_record_of_the_review_covers_every_text(language: Language, sets: Sets) -> None:
    if language.code == "en":
        pytest.skip("English is what is translated")
    texts = {*language.questions, *(f"answers.{name}" for name in sets)}
    for key, value in language.prompt.items():
        variants = [] if isinstance(value, str) else [f".{variant}" for variant in value]
        texts |= {f"prompt.{key}{variant}" for variant in variants or [""]}
    texts |= {f"groups.{variable}" for variable in language.groups}
    texts |= {f"wordings.{w}.{item}" for w, held in language.wordings.items() for item in held}
    with (RECORDS / f"{language.code}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert not texts - {row["item"] for row in rows}
    countries = {f"countries.{code}" for code in language.countries}
    stems = {row["item"] for row in rows if row["item"].startswith("batteries.")}
    assert {row["item"] for row in rows} <= texts | countries | stems
    assert {row["verdict"] for row in rows} <= VERDICTS
    assert all(row["back_translation"] or row["change"] or row["verdict"] != "changed"
               for row in rows)  # fmt: skip
    assert language.review.kind in REVIEWS

from __future__ import annotations

import json

import pytest

from doxa.prompt import Condition, Example, examples_for, format_examples
from doxa.prompt.block import REPLY_FORMS, block, openings, with_shares
from doxa.prompt.order import option_labels, ordered_codes
from doxa.prompt.texts import texts
from doxa.questionnaire import QuestionBank
from doxa.survey import sample

BANK = QuestionBank.load()
DRAWS = 6


def replies(condition: Condition) -> dict[str, list[str]]:
    """Return the reply of each example, by elicitation."""
    written = openings("Hello.", condition, format_examples(BANK, 5), BANK, DRAWS)
    assert all(text.startswith("Hello.\n\n") for text in written.values())
    start = texts(BANK, condition.language).answer
    return {
        name: [line.removeprefix(start) for line in text.splitlines() if line.startswith(start)]
        for name, text in written.items()
    }


@pytest.mark.parametrize("language", BANK.languages)
@pytest.mark.parametrize("order", ["listed", "reversed"])
@pytest.mark.parametrize("style", ["numbers", "letters"])
def test_replies_have_the_form_that_is_asked_for(language: str, order: str, style: str) -> None:
    shown = replies(Condition(language, option_order=order, label_style=style, n_examples=5))
    assert shown.keys() == REPLY_FORMS.keys()
    for i, example in enumerate(format_examples(BANK, 5)):
        codes = ordered_codes(BANK.items[example.item], order)
        labels = option_labels(len(codes), style)
        label_of = dict(zip(codes, labels, strict=True))
        drawn = [label_of[code] for code in example.answers(DRAWS)]
        assert shown["logprobs"][i] == shown["sampling"][i] == drawn[0]
        assert shown["sequence"][i].split(", ") == drawn
        percentages = example.percentages()
        stated = json.loads(shown["verbalized"][i])
        assert list(stated) == list(labels)
        assert stated == {label: percentages[code] for code, label in label_of.items()}


def test_made_up_labels_are_not_all_at_one_place() -> None:
    places = replies(Condition("en", n_examples=5))["logprobs"]
    assert len(set(places)) > 1


@pytest.mark.parametrize("language", BANK.languages)
def test_peoples_shares_stand_beside_the_options(language: str) -> None:
    condition = Condition(language, "few-shot", "JPN", n_examples=5)
    for example in examples_for(condition, bank=BANK, human=sample()):
        question = BANK.question(example.item, language)
        codes = ordered_codes(question.item, "listed")
        labels = option_labels(len(codes), "numbers")
        plain = block(question, texts(BANK, language), codes, labels).splitlines()
        shown = with_shares(example, condition, BANK).splitlines()
        percentages = example.percentages()
        options = plain[2 : 2 + len(codes)]
        assert shown[2 : 2 + len(codes)] == [
            f"{line} ({percentages[code]}%)" for line, code in zip(options, codes, strict=True)
        ]
        assert shown[:2] + shown[2 + len(codes) :] == plain[:2] + plain[2 + len(codes) :]


def test_shares_follow_the_order_of_the_options() -> None:
    example = Example("Q32", (1, 2, 3, 4), (0.1, 0.2, 0.3, 0.4), "human")
    condition = Condition("en", "few-shot", "JPN", option_order="reversed", n_examples=1)
    lines = with_shares(example, condition, BANK).splitlines()[2:]
    assert [line.split("(")[1] for line in lines] == ["40%)", "30%)", "20%)", "10%)"]

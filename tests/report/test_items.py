from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest

from doxa.report import items
from doxa.report.items import explorer
from doxa.report.pack import unpack
from doxa.report.tables import conditions_of
from doxa.report.words import Names

from .invented import FORM

if TYPE_CHECKING:
    from doxa.questionnaire import QuestionBank

Explored = tuple[dict[str, Any], dict[str, str]]


def explored(frames: dict[str, pl.DataFrame], bank: QuestionBank, **changes: Any) -> Explored:
    frames = frames | changes
    return explorer(
        replies=frames["replies"],
        model=frames["model_distributions"],
        human=frames["human_distributions"],
        prompts=frames["prompts"],
        conditions=conditions_of([frames["replies"]], Names(bank)),
        bank=bank,
    )


def replies_in(block: str) -> list[str]:
    lines = [line.split(" ")[1] for line in block.splitlines()]
    return [text for line in lines for text in json.loads(unpack(line))["text"]]


def grids(block: str, rows: int, n_items: int) -> list[np.ndarray]:
    planes = np.frombuffer(unpack(block), np.uint8).reshape(4, -1)
    numbers = planes.T.copy().view("<u4").ravel()
    width = numbers.size // rows - 2 * n_items
    ends = np.cumsum([rows * width, rows * n_items])
    return [part.reshape(rows, -1) for part in np.split(numbers, ends)]


def test_people_come_back_to_a_thousandth(
    frames: dict[str, pl.DataFrame], bank: QuestionBank
) -> None:
    index, blocks = explored(frames, bank)
    assert index["people"] == [("COL", 7), ("JPN", 7), ("USA", 7)]
    shares, beside, counts = grids(blocks["people"], 3, 12)
    assert (counts == 4 * 1250).all()
    start = 0
    for number, question in enumerate(index["questions"]):
        human = frames["human_distributions"].filter(country="JPN", question=question["id"])
        (expected,) = human["probabilities"].to_list()
        end = start + len(expected) - 1
        assert shares[1, start:end] / 1000 == pytest.approx(expected[:-1], abs=0.001)
        assert beside[1, number] == round(1000 * human["off_scale_mass"][0])
        start = end
    assert start == shares.shape[1]


def test_published_and_unweighted_shares_are_marked(
    frames: dict[str, pl.DataFrame], bank: QuestionBank
) -> None:
    nothing = pl.lit(None, pl.Float64)
    human = frames["human_distributions"].with_columns(
        n=pl.when(country="JPN").then("n"),
        n_effective=pl.when(country="USA").then(nothing).otherwise(1003.0),
        weighted=pl.col("country") != "COL",
    )
    _, blocks = explored(frames, bank, human_distributions=human)
    *_, counts = grids(blocks["people"], 3, 12)
    assert counts[:, 0].tolist() == [4 * 1003 + 3, 4 * 1250, 2]


def test_an_item_without_answer_has_none(
    frames: dict[str, pl.DataFrame], bank: QuestionBank
) -> None:
    model = frames["model_distributions"]
    item = model["question"][0]
    lacking = model.filter((pl.col("question") != item) | (pl.col("steering") != "few-shot"))
    index, blocks = explored(frames, bank, model_distributions=lacking)
    *_, counts = grids(blocks["answers-0"], 7, 12)
    number = [question["id"] for question in index["questions"]].index(item)
    assert counts[:, number].tolist() == [1] * 6 + [0]
    assert (np.delete(counts, number, axis=1) == 1).all()


def test_replies_are_whole(frames: dict[str, pl.DataFrame], bank: QuestionBank) -> None:
    index, blocks = explored(frames, bank)
    assert [answer["elicitation"] for answer in index["answers"]] == ["logprobs", "verbalized"]
    texts = replies_in(blocks["replies-1"])
    assert sorted(texts) == sorted(frames["replies"].filter(elicitation="verbalized")["text"])
    assert index["repliesLeftOut"] == 0


def test_replies_that_do_not_fit_are_left_out_and_counted(
    frames: dict[str, pl.DataFrame], bank: QuestionBank, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(items, "REPLY_BYTES", 2_000)
    index, blocks = explored(frames, bank)
    kept = sum(len(replies_in(blocks[f"replies-{number}"])) for number in (0, 1))
    assert 0 < kept < frames["replies"].height
    assert index["repliesLeftOut"] == frames["replies"].height - kept
    assert all(len(blocks[f"replies-{number}"]) <= 1_010 for number in (0, 1))


def test_a_prompt_is_found_and_its_paragraphs_are_held_once(
    frames: dict[str, pl.DataFrame], bank: QuestionBank
) -> None:
    long = frames["prompts"].with_columns(system=pl.lit("First.\n\nSecond."))
    index, blocks = explored(frames, bank, prompts=long)
    held = json.loads(unpack(blocks["prompts"]))
    assert len(held["paragraphs"]) == 2 + 12 + 1
    assert len(held["question"]) == 2 * 7 * 12

    def text(name: str) -> str:
        return "\n\n".join(held["paragraphs"][number] for number in held[name][5])

    question = index["questions"][held["question"][5]]["id"]
    assert text("system") == "First.\n\nSecond."
    assert (text("user"), text("reply_start")) == (f"The question {question}", "{")


def test_a_prompt_that_is_not_known_is_not_shown(
    frames: dict[str, pl.DataFrame], bank: QuestionBank
) -> None:
    known = frames["prompts"].head(5)
    for prompts in (known, known.clear()):
        _, blocks = explored(frames, bank, prompts=prompts)
        held = json.loads(unpack(blocks["prompts"]))
        assert {len(column) for name, column in held.items() if name != "paragraphs"} == {
            prompts.height
        }


def test_answers_to_each_form_come_back_to_a_thousandth(
    frames: dict[str, pl.DataFrame], bank: QuestionBank
) -> None:
    other = "a/plain/a/reversed/numbers"
    turned = frames["replies"].with_columns(option_order=pl.lit("reversed"))
    steered = pl.col("steering") == "few-shot"
    both = pl.concat([frames["replies"], turned])
    shares = [[0.25, 0.5, *[0.0] * 9], [0.75, 0.5, *[1.0] * 9]]

    def two(codes: list[int]) -> list[list[float]]:
        return [*shares, *[[0.0, 0.0]] * (len(codes) - 2)]

    model = frames["model_distributions"].with_columns(
        n_forms=pl.when(steered).then(2).otherwise(1),
        form_names=pl.when(steered).then(pl.lit([FORM, other])).otherwise(pl.lit([FORM])),
        forms=pl.when(steered)
        .then(
            pl.Series(
                [
                    [row[:2] for row in two(codes)]
                    for codes in frames["model_distributions"]["codes"]
                ]
            )
        )
        .otherwise("forms"),
    )
    index, blocks = explored(frames, bank, replies=both, model_distributions=model)
    assert sorted(index["forms"]) == ["options listed", "options reversed"]
    ((condition, block),) = (line.split(" ") for line in blocks["forms-0"].splitlines())
    found = json.loads(unpack(block))
    assert found["question"] == list(range(12))
    named = [[index["forms"][form] for form in forms] for forms in found["forms"]]
    assert named == [["options listed", "options reversed"]] * 12
    assert [shares[0][:2] for shares in found["shares"]] == [[250, 750]] * 12
    assert [shares[1][:2] for shares in found["shares"]] == [[500, 500]] * 12
    assert int(condition) in index["answers"][0]["conditions"]
    assert index["formsLeftOut"] == 0


def test_forms_that_do_not_fit_are_counted(
    frames: dict[str, pl.DataFrame], bank: QuestionBank, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(items, "FORM_BYTES", 10)
    model = frames["model_distributions"].with_columns(
        n_forms=pl.lit(2),
        form_names=pl.lit([FORM, FORM]),
        forms=pl.col("forms").list.eval(
            pl.concat_list(pl.element().list.first(), pl.element().list.first())
        ),
    )
    index, blocks = explored(frames, bank, model_distributions=model)
    assert blocks["forms-0"] == blocks["forms-1"] == ""
    assert index["formsLeftOut"] == 2 * 7


def test_uncertain_wording_is_told(frames: dict[str, pl.DataFrame], bank: QuestionBank) -> None:
    index, _ = explored(frames, bank)
    told = {
        (question["id"], language)
        for question in index["questions"]
        for language, words in question["wording"].items()
        if "doubts" in words
    }
    expected = {
        (question["id"], language)
        for question in index["questions"]
        for language in ("en", "es", "ja")
        if bank.language(language).doubts_about(question["id"])
    }
    assert told == expected

from __future__ import annotations

import pytest

from doxa.errors import ExperimentError
from doxa.harness.key import Key
from doxa.harness.rows import limits, rows_of
from doxa.prompt import examples_for, render
from doxa.survey import sample

from .made import ALL, BANK, experiment


def test_each_row_is_what_doxa_itself_would_send() -> None:
    rows = rows_of(experiment(), bank=BANK)
    assert {name: len(found) for name, found in rows.items()} == {
        **dict.fromkeys(ALL, 8), "logprobs-calibrated": 16,
    }  # fmt: skip
    for elicitation, found in rows.items():
        assert len({row["id"] for row in found}) == len(found)
        for row in found:
            key = Key.from_dict(row["doxa"], row["id"])
            prompt = render(key.item, key.condition, bank=BANK, draws=3)
            asks = elicitation.removesuffix("-calibrated")
            sent = [row["system"], row["user"]]
            if not key.baseline:
                assert sent == [turn["content"] for turn in prompt.messages(asks)]
            assert row["reply_start"] == prompt.reply_starts[asks]
            assert (key.labels, key.codes) == (prompt.labels, prompt.codes)
            assert key.draws == (3 if elicitation in ("sampling", "sequence") else 1)
            if "continuations" in row:
                texts = [row["plain"] + text for text in row["continuations"]]
                begun = [row["opening"] + text for text in row["continuations"]]
                assert begun == [row["reply_start"] + label for label in key.labels]
                assert row["space"] == ""
            else:
                texts, begun = [row["plain"]], [row["reply_start"]]
            user = f"{row['system']}\n\n{row['user']}\n"
            assert texts == [user + text for text in begun]


def test_a_calibration_asks_without_the_question() -> None:
    rows = rows_of(experiment(elicitations=["logprobs-calibrated"]), bank=BANK)
    asked, blank = rows["logprobs-calibrated"][:2]
    assert blank["id"] == f"{asked['id']} baseline"
    assert "Question: N/A" in blank["user"]
    keys = [Key.from_dict(row["doxa"], "") for row in (asked, blank)]
    assert keys[1].question == keys[0] != keys[1]


def test_numbers_leave_the_space_to_who_reads_one_token() -> None:
    rows = rows_of(experiment(label_styles=["numbers"], elicitations=["logprobs"]), bank=BANK)
    english, japanese = rows["logprobs"][0], rows["logprobs"][-1]
    assert (english["space"], english["continuations"][0]) == (" ", " 1")
    assert (japanese["space"], japanese["continuations"][0]) == ("", "1")


def test_few_shot_prompts_name_the_items_that_they_show() -> None:
    asked = experiment(steering=["few-shot"], targets=["JPN"])
    rows = rows_of(asked, bank=BANK, human=sample())["verbalized"]
    shown = examples_for(asked.conditions[0], bank=BANK, human=sample())
    assert rows[0]["doxa"]["examples"] == [example.item for example in shown]


def test_a_thought_is_refused() -> None:
    with pytest.raises(ExperimentError, match="leave out reasoning"):
        rows_of(experiment(reasoning=["512"]), bank=BANK)


def test_what_is_measured_otherwise_is_said() -> None:
    assert limits(experiment(), BANK) == []
    held = limits(experiment(settings={}), BANK)
    assert len(held) == 1
    assert "doxa ask --free" in held[0]
    ten = limits(experiment(items=["Q164"], label_styles=["numbers"]), BANK)
    assert "take --labels letters" in ten[0]
    assert limits(experiment(items=["Q164"]), BANK) == []

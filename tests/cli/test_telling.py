"""What is said beside a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from analysis.made_replies import always

from doxa.cli.telling import say_gaps, verdict_lines
from doxa.questionnaire import QuestionBank
from doxa.recorded import Recording

if TYPE_CHECKING:
    import pytest


def test_what_was_left_out_of_a_recording_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    lacking = {"left_out": {"on other items": 3}, "unknown": {"seed": "not told"}}
    say_gaps([Recording(pl.DataFrame(), name="r.csv", **lacking)])
    assert capsys.readouterr().err == (
        "r.csv: left out: 3 on other items\nr.csv: not known: seed: not told\n"
    )


def test_the_replies_of_a_run_are_judged_from_one_prompt_a_condition() -> None:
    bank = QuestionBank.load()
    listed, turned = (
        always(bank, lambda n: np.array([39.0, 18, 22, 21][:n]) if n < 5 else np.ones(n), [order])
        for order in ("listed", "reversed")
    )
    replies = pl.concat(
        [
            frame.with_columns(
                request_key=pl.lit(key),
                group=pl.lit(""),
                wording=pl.lit("a"),
                surface=pl.lit("plain"),
                label_style=pl.lit("numbers"),
            )
            for key, frame in (("first", listed), ("second", turned))
        ]
    )
    asked = []

    class Run:
        def systems(self, keys: pl.Series) -> pl.DataFrame:
            asked.extend(sorted(keys))
            shown = 'Answer: {"1": 39, "2": 18, "3": 22, "4": 21}'
            return pl.DataFrame({"request_key": keys, "system": [shown] * len(keys)})

    lines = verdict_lines(Run(), replies, bank)  # type: ignore[arg-type]
    assert asked == ["first", "second"]
    assert len(lines) == 1
    assert lines[0].startswith("parrot, stated percentages, English: no opinion: an example copied")
    assert "the same shares in 288 of 288 replies" in lines[0]
    assert verdict_lines(Run(), replies.clear(), bank) == []  # type: ignore[arg-type]

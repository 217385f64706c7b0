from __future__ import annotations

import polars as pl

from doxa.report.thoughts import about_thoughts


def test_thoughts_are_counted_by_how_they_ended() -> None:
    replies = pl.DataFrame({
        "reasoning": ["off", "64", "512", "512", "512"],
        "thought_status": ["none", "cut", "cut", "left", "unknown"],
    })  # fmt: skip
    assert about_thoughts(replies) == [
        "Where the model thought first, it wrote at most 64 and 512 tokens; the thought was "
        "closed, and the answer was read after it.",
        "Of 3 thoughts, 2 were cut at the budget and 1 was left open by the model.",
        "Of 1 reply it is not known whether the model thought first.",
    ]


def test_of_answers_at_once_nothing_is_said() -> None:
    replies = pl.DataFrame({"reasoning": ["off"], "thought_status": ["none"]})
    assert about_thoughts(replies) == []

"""Options that several commands take."""

from __future__ import annotations

from pathlib import Path

import pytest

from doxa.analysis import Settings
from doxa.cli.options import counts_of, names, settings_of
from doxa.errors import InvalidArgumentError
from doxa.survey import sample, world


def test_a_list_is_split_at_its_commas() -> None:
    assert names(" Q1, Q57 ,,") == ["Q1", "Q57"]
    assert names("") == []


def test_the_defaults_of_the_commands_are_those_of_the_tables() -> None:
    assert settings_of(wave=7, resamples=1000, confidence=0.95, seed=0) == Settings()


def test_a_hyphen_stands_for_an_underscore() -> None:
    found = settings_of(
        wave=6, resamples=9, confidence=0.5, seed=1, resample="replies,items",
        baseline="leave-one-out",
    )  # fmt: skip
    assert found == Settings(
        wave=6, n_resamples=9, confidence=0.5, seed=1, resample=("items", "replies")
    )


def test_an_unknown_value_is_refused() -> None:
    usual = {"wave": 7, "resamples": 9, "confidence": 0.9, "seed": 0}
    with pytest.raises(InvalidArgumentError, match="baseline='zero': name one of leave_one_out"):
        settings_of(**usual, baseline="zero")  # type: ignore[arg-type]
    with pytest.raises(InvalidArgumentError, match="resample='planets': name some of items"):
        settings_of(**usual, resample="planets")  # type: ignore[arg-type]


def test_the_shipped_counts_are_the_default() -> None:
    assert counts_of(None).equals(world())
    assert counts_of(Path("sample")).equals(sample())

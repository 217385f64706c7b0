"""What is said beside a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from doxa.cli.telling import say_gaps
from doxa.recorded import Recording

if TYPE_CHECKING:
    import pytest


def test_what_was_left_out_of_a_recording_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    lacking = {"left_out": {"on other items": 3}, "unknown": {"seed": "not told"}}
    say_gaps([Recording(pl.DataFrame(), name="r.csv", **lacking)])
    assert capsys.readouterr().err == (
        "r.csv: left out: 3 on other items\nr.csv: not known: seed: not told\n"
    )

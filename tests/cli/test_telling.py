"""What is said beside a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from doxa.cli.telling import say_gaps
from doxa.recorded import Recording

if TYPE_CHECKING:
    import pytest


def test_what_was_left_out_of_a_recording_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    say_gaps(
        [
            Recording(
                pl.DataFrame(), name="r.csv", left_out={"rows": "3"}, unknown={"seed": "not told"}
            )
        ]
    )
    assert capsys.readouterr().err == (
        "r.csv: left out: rows: 3\nr.csv: not known: seed: not told\n"
    )

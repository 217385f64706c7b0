"""Progress on standard error, and how a run is left."""

from __future__ import annotations

import pytest
import typer

from doxa.cli.console import progress


def test_progress_is_told_in_lines_where_there_is_no_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with progress("asking", "this command") as tell:
        tell(4, 10, 0.0)
        tell(10, 10, 3.0)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "asking: 10 of 10, 3 s, 2.0 a second, about 0 s left\n"


def test_what_was_done_before_has_no_rate(capsys: pytest.CaptureFixture[str]) -> None:
    with progress("asking", "this command") as tell:
        tell(10, 10, 0.1)
    assert capsys.readouterr().err == "asking: 10 of 10\n"


def test_ctrl_c_says_how_to_go_on(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as left, progress("asking", "this command"):
        raise KeyboardInterrupt
    assert left.value.exit_code == 130
    assert capsys.readouterr().err == (
        "stopped; every reply so far is kept: this command goes on from here\n"
    )

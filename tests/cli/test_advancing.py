"""Progress on standard error, and how a run is left."""

from __future__ import annotations

import time

import pytest
import typer

from doxa.cli import advancing, console
from doxa.cli.advancing import progress
from doxa.run.course import Course


def test_progress_is_told_in_lines_where_there_is_no_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with progress("asking", "this command") as tell:
        tell(4, 10, 0.0)
        tell(10, 10, 3.0)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "asking: 10 of 10 replies, 2.0 a second\n"


def test_what_was_done_before_has_no_rate(capsys: pytest.CaptureFixture[str]) -> None:
    with progress("asking", "this command") as tell:
        tell(10, 10, 0.1)
    assert capsys.readouterr().err == "asking: 10 of 10 replies\n"


def test_the_bar_is_there_once_there_is_something_to_tell(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A download before the first reply has a bar of its own; the two would mix."""
    monkeypatch.setattr(console.stderr, "_force_terminal", True)
    with progress("asking", "this command") as tell:
        assert capsys.readouterr().err == ""
        tell(1, 10, 1.0)
    assert "asking" in capsys.readouterr().err
    with progress("asking", "this command"):
        pass
    assert "asking" not in capsys.readouterr().err


def test_what_is_done_is_said_while_no_reply_comes(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(advancing, "EVERY", 0.02)
    said = ""

    def until(line: str) -> None:
        nonlocal said
        end = time.monotonic() + 10
        while line not in said and time.monotonic() < end:
            time.sleep(0.01)
            said += capsys.readouterr().err
        assert line in said

    course = Course()
    with progress("asking", "this command", course) as tell:
        until("asking: getting ready, 0 s so far\n")
        course.doing = "loading a model"
        until("asking: loading a model, 0 s so far\n")
        tell(2, 10, 0.0)
        until("asking: 2 of 10 replies; the first new one is under way, 0 s so far\n")
        tell(4, 10, 1.0)
        until("asking: 4 of 10 replies, 2.0 a second, about 3 s left\n")
    capsys.readouterr()
    time.sleep(0.1)
    assert capsys.readouterr().err == ""


def test_a_model_that_is_loaded_is_shown_on_a_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console.stderr, "_force_terminal", True)
    monkeypatch.setattr(advancing, "EVERY", 0.02)
    course = Course()
    course.doing = "loading a model"
    with progress("asking", "this command", course):
        time.sleep(0.2)
    assert "loading a model" in capsys.readouterr().err


def test_ctrl_c_says_how_to_go_on(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as left, progress("asking", "this command"):
        raise KeyboardInterrupt
    assert left.value.exit_code == 130
    assert capsys.readouterr().err == (
        "stopped; every reply so far is kept: this command goes on from here\n"
    )

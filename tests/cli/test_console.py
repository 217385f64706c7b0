"""Progress on standard error, and how a run is left."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from rich.table import Table

from doxa.cli import console
from doxa.cli.console import progress, put


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


def test_ctrl_c_says_how_to_go_on(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as left, progress("asking", "this command"):
        raise KeyboardInterrupt
    assert left.value.exit_code == 130
    assert capsys.readouterr().err == (
        "stopped; every reply so far is kept: this command goes on from here\n"
    )


NASTY = "\x1b[31mred\x1b[0m \x9b2J \u202efdp.exe :bug: [bold]x[/] [/none]"
PLAIN = r"\u001b[31mred\u001b[0m \u009b2J \u202efdp.exe :bug: [bold]x[/] [/none]"


@pytest.mark.parametrize("name", ["stdout", "stderr"])
@pytest.mark.parametrize("terminal", [False, True])
def test_text_of_strangers_steers_no_terminal(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    terminal: bool,
) -> None:
    one = getattr(console, name)
    monkeypatch.setattr(one, "_force_terminal", terminal)
    monkeypatch.setattr(one, "_color_system", None)
    one.print(NASTY, highlight=False)
    table = Table(NASTY, box=None)
    table.add_row(NASTY)
    one.print(table, width=200)
    written = getattr(capsys.readouterr(), name.removeprefix("std"))
    assert written.count(PLAIN) == 3
    assert "\x1b[31m" not in written
    assert "\x9b" not in written


def test_data_keep_their_lines_and_their_json(capsys: pytest.CaptureFixture[str]) -> None:
    put("a\tb\n" + json.dumps(["\x9b"], ensure_ascii=False) + "\n")
    first, second = capsys.readouterr().out.splitlines()
    assert first == "a\tb"
    assert json.loads(second) == ["\x9b"]


def test_every_command_prints_through_the_console() -> None:
    room = Path(console.__file__).parent
    others = [path for path in room.glob("*.py") if path.name != "console.py"]
    assert not [path.name for path in others if "sys.stdout" in path.read_text(encoding="utf-8")]

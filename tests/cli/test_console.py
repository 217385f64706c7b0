"""What the consoles let through to a terminal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from rich.table import Table

from doxa.cli import console
from doxa.cli.console import put

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

"""What the consoles let through to a terminal."""

from __future__ import annotations

import pytest
from rich.table import Table

from doxa.cli import console

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

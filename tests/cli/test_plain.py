"""Data on stdout."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from doxa.cli import plain
from doxa.cli.plain import put

if TYPE_CHECKING:
    import pytest


def test_data_keep_their_lines_and_their_json(capsys: pytest.CaptureFixture[str]) -> None:
    put("a\tb\n" + json.dumps(["\x9b"], ensure_ascii=False) + "\n")
    first, second = capsys.readouterr().out.splitlines()
    assert first == "a\tb"
    assert json.loads(second) == ["\x9b"]


def test_every_command_prints_through_the_console() -> None:
    room = Path(plain.__file__).parent
    others = [path for path in room.glob("*.py") if path.name != "plain.py"]
    assert not [path.name for path in others if "sys.stdout" in path.read_text(encoding="utf-8")]

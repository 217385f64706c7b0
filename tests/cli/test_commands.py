"""The table of all commands: each is there, shows an example, and is imported when called."""

from __future__ import annotations

import subprocess
import sys

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from doxa.cli import app
from doxa.cli.commands import COMMANDS


def leaves() -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    group = get_command(app)
    for name in COMMANDS:
        command = group.get_command(None, name)  # type: ignore[attr-defined, arg-type]
        inner = getattr(command, "commands", None)
        found += [(name,)] if inner is None else [(name, sub) for sub in inner]
    return found


@pytest.mark.parametrize("command", leaves(), ids=" ".join)
def test_help_shows_an_example(command: tuple[str, ...]) -> None:
    done = CliRunner().invoke(app, [*command, "--help"])
    assert done.exit_code == 0
    assert f"Example:  doxa {' '.join(command)}" in done.stdout


def test_the_help_lists_every_command_with_a_sentence() -> None:
    done = CliRunner().invoke(app, ["--help"], terminal_width=200)
    lines = {line.split()[0]: line for line in done.stdout.splitlines() if line.strip()}
    assert all(COMMANDS[name].summary in lines[name] for name in COMMANDS)


def test_a_command_is_imported_when_it_is_called() -> None:
    code = (
        "import sys\n"
        "from doxa.cli import app\n"
        "try: app(sys.argv[1:])\n"
        "except SystemExit: pass\n"
        "wanted = {'doxa.cli.models', 'doxa.cli.scoring', 'polars', 'numpy', 'rich'}\n"
        "print(*sorted(wanted & set(sys.modules)))"
    )

    def imported(*arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True
        )
        return done.stdout.splitlines()[-1]

    assert imported("--help") == ""
    assert imported("models", "--help") == "doxa.cli.models rich"


def test_a_misspelt_command_is_answered_with_the_nearest() -> None:
    done = CliRunner().invoke(app, ["scores"])
    assert done.exit_code == 2
    assert "score" in done.stderr

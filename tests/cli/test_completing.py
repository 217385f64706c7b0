"""Completion, as bash asks for it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from doxa.cli.commands import COMMANDS

from .shell import doxa

BASH = shutil.which("bash")


@pytest.mark.skipif(BASH is None, reason="no bash")
def test_bash_completes_commands_and_options() -> None:
    script = doxa("--print-completion", "bash").stdout
    asked = []
    for line in ("doxa ", "doxa sco", "doxa survey cro", "doxa score --tab"):
        words = " ".join(f'"{word}"' for word in line.split(" "))
        asked.append(f"COMP_WORDS=({words}); COMP_CWORD={line.count(' ')}; COMPREPLY=()")
        asked.append('_doxa_completion doxa; echo "${COMPREPLY[*]}"')
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        [str(BASH), "--norc", "-c", "\n".join([script, "IFS=' '", *asked])],
        capture_output=True,
        text=True,
        env=os.environ | {"PATH": path},
        check=True,
    )
    commands, *rest = done.stdout.splitlines()
    assert commands.split() == list(COMMANDS)
    assert rest == ["score", "crosswalk", "--table"]


def test_naming_commands_imports_none_of_them() -> None:
    code = (
        "import sys; from doxa.cli import main\n"
        "try: main()\nfinally: print(*(name for name in sys.modules if 'doxa.' in name))"
    )
    asked = {"COMP_WORDS": "doxa ", "COMP_CWORD": "1", "_DOXA_COMPLETE": "complete_bash"}
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.argv = ['doxa']\n{code}"],
        capture_output=True,
        text=True,
        env=os.environ | asked,
        check=False,
    )
    assert done.stdout.splitlines()[:2] == list(COMMANDS)[:2]
    assert "doxa.cli.commands" in done.stdout
    assert "doxa.cli.scoring" not in done.stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell"])
def test_each_shell_has_its_script(shell: str) -> None:
    done = doxa("--print-completion", shell)
    assert done.returncode == 0
    assert f"complete_{shell}" in done.stdout
    assert "doxa" in done.stdout


def test_another_shell_is_refused() -> None:
    done = doxa("--print-completion", "csh")
    assert done.returncode == 2
    assert "csh" in done.stderr

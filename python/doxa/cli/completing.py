"""Completion of commands and options in the shell."""

from __future__ import annotations

import os
from enum import StrEnum
from importlib import import_module
from typing import Any, Final

import typer

from doxa.cli.plain import put

__all__ = ["Shell", "answer", "print_script"]


class Shell(StrEnum):
    """The shells that can complete."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"
    POWERSHELL = "powershell"


_VARIABLE: Final = "_DOXA_COMPLETE"
"""What a shell sets when it asks for completions."""


def answer() -> None:
    """Get ready to answer a shell that asks for completions; otherwise do nothing."""
    if _VARIABLE in os.environ:
        _typer().completion_init()


def print_script(shell: Shell | None) -> None:
    """Print the script that a shell has to read; nothing on the machine is changed."""
    if shell is not None:
        script = _typer().get_completion_script
        put(script(prog_name="doxa", complete_var=_VARIABLE, shell=shell) + "\n")
        raise typer.Exit


def _typer() -> Any:
    """Import Typer's own completion, which a command itself does not need."""
    return import_module("typer.completion")

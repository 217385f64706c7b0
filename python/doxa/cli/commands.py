"""The commands: where each is defined, what it does in a sentence, and an example.

A command is imported when it is called: most of its start is imports, and `doxa --help` needs none.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from doxa.cli.plain import plain_app

if TYPE_CHECKING:
    from typer._click import Command as Built
    from typer._click import Context, HelpFormatter
    from typer._click.shell_completion import CompletionItem

__all__ = ["COMMANDS", "Commands"]


class Entry(NamedTuple):
    """A command, or a group of commands, that has not been imported yet."""

    where: str
    summary: str
    example: str = ""

    def build(self, name: str) -> Built:
        """Import the command."""
        module, _, attribute = self.where.partition(":")
        found = getattr(import_module(f"doxa.cli.{module}"), attribute)
        if not isinstance(found, typer.Typer):
            function, found = found, plain_app(self.summary)
            found.command(name, epilog=f"Example:  {self.example}")(function)
        built = get_command(found)
        built.name = name
        return built


COMMANDS: Final = {
    "demo": Entry(
        "reporting:demo",
        "Ask a small model in five languages, score it, write a report.",
        "doxa demo --small --out runs/demo",
    ),
    "ask": Entry(
        "asking:ask",
        "Ask models what they have not been asked yet.",
        "doxa ask --model model.gguf --languages en,ja --steering none,persona "
        "--targets JPN,USA --reasoning off,512 --out runs/x",
    ),
    "status": Entry(
        "watching:status",
        "Say how far a run is, while it is asked or afterwards.",
        "doxa status runs/x -v",
    ),
    "export": Entry(
        "exporting:export",
        "Write every reply of a run, or the whole run, to one file.",
        "doxa export runs/x --bundle run.doxa",
    ),
    "statuses": Entry(
        "exporting:statuses",
        "Count replies by model and status.",
        "doxa statuses runs/x",
    ),
    "check": Entry(
        "checking:check",
        "Verify all that a run holds, and save what a damaged one still does.",
        "doxa check runs/x",
    ),
    "merge": Entry(
        "merging:merge",
        "Put runs of one experiment together.",
        "doxa merge runs/x-* --out runs/x",
    ),
    "score": Entry(
        "scoring:score",
        "Score replies: alignment by country, language and steering.",
        "doxa score runs/x --json",
    ),
    "report": Entry(
        "reporting:report",
        "Write one self-contained HTML file on some runs.",
        "doxa report runs/x --out report.html",
    ),
    "compare": Entry(
        "comparing:compare",
        "Test whether one model is closer to people than another.",
        "doxa compare --from runs/x --from lm_eval.jsonl --by country",
    ),
    "power": Entry(
        "planning:power",
        "Say how many items, respondents, replies and forms would show a difference.",
        "doxa power runs/x --difference 0.01",
    ),
    "models": Entry(
        "models:models",
        "List the models on this machine, and what to type for each.",
        "doxa models --json",
    ),
    "bench": Entry(
        "timing:bench",
        "Time doxa on this machine: scoring, and with --model what a reply takes.",
        "doxa bench --model ollama:llama3.2:3b",
    ),
    "doctor": Entry(
        "examining:doctor",
        "Say what is installed, what is broken or slow, and what to do about it.",
        "doxa doctor",
    ),
    "survey": Entry("survey:app", "Describe, import and show human answers."),
    "questionnaire": Entry(
        "questionnaire:app", "Begin, check and show a questionnaire of your own."
    ),
    "prompts": Entry("prompts:app", "Show, translate and export what models are asked."),
}
"""The commands by name, in the order of the help."""


class Commands(TyperGroup):
    """The group of all commands, each imported when it is called."""

    _naming = False

    def list_commands(self, _: Context) -> list[str]:
        """Name the commands, in the order of the help."""
        return list(COMMANDS)

    def get_command(self, _: Context, name: str) -> Built | None:
        """Import a command."""
        entry = COMMANDS.get(name)
        if entry and self._naming:
            return TyperCommand(name, help=entry.summary)
        return entry.build(name) if entry else None

    def shell_complete(self, ctx: Context, incomplete: str) -> list[CompletionItem]:
        """Complete the name of a command, which imports none: a shell waits for it."""
        self._naming = True
        try:
            return super().shell_complete(ctx, incomplete)
        finally:
            self._naming = False

    def format_commands(self, _: Context, formatter: HelpFormatter) -> None:
        """Write the list of commands into the help."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.summary) for name, entry in COMMANDS.items()])

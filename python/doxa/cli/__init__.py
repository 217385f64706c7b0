"""The command line: parses, calls, prints. Data go to stdout, progress and errors to stderr.

===============  ======================================================
`asking`         `doxa ask`
`exporting`      `doxa export`, `statuses`
`checking`       `doxa check`
`models`         `doxa models`
`merging`        `doxa merge`
`scoring`        `doxa score`
`comparing`      `doxa compare`
`planning`       `doxa power`
`reporting`      `doxa report`, `demo`
`prompts`        `doxa prompts`: what models are asked
`questionnaire`  `doxa questionnaire`: one of one's own
`survey`         `doxa survey`: human answers
`answers`        `doxa survey show`: the answers to one item
`timing`         `doxa bench`
`examining`      `doxa doctor`
`watching`       `doxa status`
`asked`          options that say what models are asked
`options`        options that several commands take
`commands`       the table of all commands
`completing`     completion in the shell
`console`        consoles
`plain`          command groups, and data on stdout
`advancing`      how far a run is
`telling`        what is to be known about a run, a recording or scores
`interrupt`      Ctrl-C ends the program within a second
`frames`         writes any frame to the terminal or a file
===============  ======================================================
"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

import doxa
from doxa.cli import completing
from doxa.cli.commands import Commands
from doxa.cli.interrupt import STOPPED, stop, told
from doxa.cli.plain import plain_app, put
from doxa.errors import DoxaError
from doxa.files import reason

__all__ = ["app", "main"]

app = plain_app("Whose opinions does a language model express?", Commands)


def main() -> None:
    """Run the command line; report a failure in one line, with exit status 1."""
    told.clear()
    completing.answer()
    try:
        app()
    except SystemExit as left:
        if left.code == STOPPED and not told.is_set():
            stop("stopped")
        raise
    except KeyboardInterrupt:
        stop("stopped")
        sys.exit(STOPPED)
    except DoxaError as error:
        sys.exit(_fail(" ".join(str(error).split())))
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        sys.exit(_fail(f"{where}{reason(error)}"))
    except MemoryError as error:
        why = f" ({error})" if str(error) else ""
        sys.exit(
            _fail(f"memory ran out{why}: ask for fewer --resamples, or score fewer runs at once")
        )


def _fail(message: str) -> int:
    from doxa.cli.console import stderr

    stderr.print(f"doxa: {message}", markup=False)
    return 1


def _version(wanted: bool) -> None:
    if wanted:
        put(f"doxa {doxa.__version__}\n")
        raise typer.Exit


@app.callback()
def _options(
    _: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
    __: Annotated[
        completing.Shell | None,
        typer.Option(
            "--print-completion",
            callback=completing.print_script,
            is_eager=True,
            help="Print what makes a shell complete doxa's commands and options.",
        ),
    ] = None,
) -> None:
    """Measure whose opinions a language model expresses."""

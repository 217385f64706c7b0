"""Begin, check and show a questionnaire of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from doxa.cli.console import stderr
from doxa.cli.plain import plain_app, put
from doxa.errors import QuestionnaireError
from doxa.files import reason, replacing
from doxa.questionnaire import QuestionBank
from doxa.questionnaire.checks import remarks, summary
from doxa.questionnaire.own_text import own_text
from doxa.questionnaire.template import CSV, TOML

__all__ = ["app"]

app = plain_app("A questionnaire of your own.")

FileArgument = Annotated[
    Path, typer.Argument(metavar="FILE", help="A TOML or CSV file, or the folder of a bank.")
]


@app.command("new", epilog="Example:  doxa questionnaire new work.toml")
def new(
    file: Annotated[Path, typer.Argument(help="A new file ending in .toml, or in .csv.")],
    from_: Annotated[
        Path | None,
        typer.Option("--from", help="Another questionnaire, CSV or folder, to write as TOML."),
    ] = None,
) -> None:
    """Write a questionnaire to begin with: commented TOML, or a CSV with one row an option."""
    kinds = {".toml": TOML, ".csv": CSV}
    if file.suffix.lower() not in kinds:
        raise QuestionnaireError(f"{file}: name a file that ends in .toml or .csv")
    if file.exists():
        raise QuestionnaireError(f"{file} is there already: name another file, or remove it")
    text = kinds[file.suffix.lower()]
    if from_ is not None:
        if file.suffix.lower() != ".toml":
            raise QuestionnaireError(f"{file}: --from writes TOML: name a file that ends in .toml")
        text = own_text(QuestionBank.load(from_))
    try:
        with replacing(file) as partial:
            partial.write_text(text, encoding="utf-8")
    except OSError as error:
        raise QuestionnaireError(f"{file}: cannot be written ({reason(error)})") from None
    stderr.print(f"{file}: fill it in, then  doxa questionnaire check {file}", markup=False)


@app.command("check", epilog="Example:  doxa questionnaire check work.toml")
def check(file: FileArgument) -> None:
    """Say what a questionnaire holds and lacks; the first mistake is named with its remedy."""
    bank = QuestionBank.load(file)
    put("\n".join([*summary(bank), *remarks(bank)]) + "\n")


@app.command("show", epilog="Example:  doxa questionnaire show work.toml home --language en")
def show(
    file: FileArgument,
    item: Annotated[str, typer.Argument(help="One item; all by default.")] = "",
    language: Annotated[
        str, typer.Option(help="A language of it; en, or its first, by default.")
    ] = "",
) -> None:
    """Print items with their options and codes; `doxa prompts show` prints whole prompts."""
    bank = QuestionBank.load(file)
    language = language or bank.default_language
    if item:
        bank.question(item, language)
    chosen = [item] if item else [*bank.items_for(language)]
    for name in chosen:
        question = bank.question(name, language)
        scale = question.item.scale
        put(f"{name} ({scale.kind}): {question.text}\n")
        for code in question.listed_codes:
            off = "  (off the scale)" if code in scale.off_scale else ""
            put(f"  {code}  {question.label(code)}{off}\n")

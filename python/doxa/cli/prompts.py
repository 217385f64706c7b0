"""Show prompts; write tasks of other programs; export, import and review the wording."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from doxa.backend import load
from doxa.cli.asked import (
    DrawsOption,
    ElicitOption,
    ExamplesOption,
    ExperimentOption,
    FastOption,
    FormsOption,
    FormsSeedOption,
    LabelsOption,
    LanguagesOption,
    OrdersOption,
    PersonaOption,
    PersonasOption,
    QuestionsOption,
    ReasoningOption,
    SteeringOption,
    SurfacesOption,
    TargetsOption,
    TemperatureOption,
    TemplatesOption,
    WaveShownOption,
    WordingsOption,
    asked,
)
from doxa.cli.console import stderr
from doxa.cli.options import (
    MODEL_HELP,
    HumanOption,
    OnlyHumanOption,
    QuestionnaireOption,
    WaveOption,
    bank_of,
    people_of,
    wave_of,
)
from doxa.cli.plain import plain_app, put
from doxa.elicit import ELICITATIONS
from doxa.elicit.turn import turn_of
from doxa.errors import ExperimentError, QuestionnaireError
from doxa.files import replacing
from doxa.harness import limits, write_tasks
from doxa.prompt import (
    PLAIN,
    SURFACES,
    Condition,
    examples_for,
    export_questions,
    import_questions,
    render,
    shown_prompt,
)
from doxa.questionnaire import QuestionBank
from doxa.questionnaire.group_words import group_doubts
from doxa.review import record_folder, take_sheet, write_sheet
from doxa.run.experiment import Experiment

__all__ = ["app"]

app = plain_app("What models are asked.")


@app.command(
    "show",
    epilog="Example:  doxa prompts show Q6 --language ja --steering persona --target JPN",
)
def show(
    item: Annotated[str, typer.Argument(help="An item's id, such as Q6.")],
    language: Annotated[str, typer.Option(help="The prompt's language; en by default.")] = "",
    steering: Annotated[str, typer.Option(help="none, persona, few-shot, time-<wave>.")] = "none",
    target: Annotated[str, typer.Option(help="Alpha-3 code of a country.")] = "",
    persona: Annotated[
        str, typer.Option(help='A group of people, such as "sex=female,age=60+".')
    ] = "",
    elicit: Annotated[str, typer.Option(help=f"{', '.join(ELICITATIONS)}.")] = "verbalized",
    option_order: Annotated[
        str, typer.Option(help="listed, reversed, rotated:<n>, reversed:<n>, seed:<n>.")
    ] = "listed",
    labels: Annotated[str, typer.Option(help="Labels of options: numbers or letters.")] = "numbers",
    template: Annotated[str, typer.Option(help="Which paraphrase of the instruction.")] = "a",
    wording: Annotated[str, typer.Option(help="Which wording of the question.")] = "a",
    surface: Annotated[str, typer.Option(help=f"Its surface: {', '.join(SURFACES)}.")] = PLAIN,
    examples: ExamplesOption = None,
    base: Annotated[bool, typer.Option("--base", help="Print the prompt of a base model.")] = False,
    model: Annotated[
        str | None, typer.Option(help=f"{MODEL_HELP} Print the exact text, its template applied.")
    ] = None,
    wave: WaveOption = None,
    human: HumanOption = None,
    only_human: OnlyHumanOption = False,
    questionnaire: QuestionnaireOption = None,
) -> None:
    """Print what a model gets: the turns that its chat template wraps, or with --model the text."""
    bank = bank_of(questionnaire)
    counts = people_of(human, only_human, bank)
    language = language or bank.default_language
    doubts = bank.language(language).doubts_about(item) if item in bank.items else ()
    for doubt in (*doubts, *group_doubts(bank.language(language), persona)):
        stderr.print(f"uncertain wording: {doubt}", markup=False)
    condition = Condition(
        language,
        steering,
        target,
        wave_of(wave, bank, counts),
        template,
        option_order,
        labels,
        examples,  # type: ignore[arg-type]  # None is the default
        wording=wording,
        surface=surface,
        group=persona,
    )
    if elicit not in ELICITATIONS:
        raise ExperimentError(f"no elicitation {elicit!r}: there are {', '.join(ELICITATIONS)}")
    asks = ELICITATIONS[elicit].asks
    shown = examples_for(condition, bank=bank, human=counts)
    if model is None:
        text = shown_prompt(
            item, condition, bank=bank, examples=shown, elicitation=asks, chat=not base
        )
    else:
        prompt = render(item, condition, bank=bank, examples=shown)
        backend = load(model, told=stderr.print)
        text = "".join(backend.card.text(turn_of(prompt, asks)))
        backend.close()
    put(text + "\n")


@app.command(
    "tasks",
    epilog="Example:  doxa prompts tasks --languages en,ja --elicit logprobs,sampling --out tasks",
)
def tasks(
    out: Annotated[Path, typer.Option(help="The folder to make.")],
    experiment: ExperimentOption = None,
    languages: LanguagesOption = None,
    steering: SteeringOption = None,
    targets: TargetsOption = None,
    persona: PersonaOption = None,
    personas: PersonasOption = None,
    questions: QuestionsOption = None,
    forms: FormsOption = None,
    forms_seed: FormsSeedOption = None,
    fast: FastOption = False,
    option_orders: OrdersOption = None,
    wordings: WordingsOption = None,
    templates: TemplatesOption = None,
    surfaces: SurfacesOption = None,
    reasoning: ReasoningOption = None,
    labels: LabelsOption = None,
    examples: ExamplesOption = None,
    wave: WaveShownOption = None,
    human: HumanOption = None,
    only_human: OnlyHumanOption = False,
    questionnaire: QuestionnaireOption = None,
    elicit: ElicitOption = None,
    draws: DrawsOption = None,
    temperature: TemperatureOption = None,
) -> None:
    """Write a folder that lm-evaluation-harness and Inspect ask; doxa score --from reads logs."""
    bank = bank_of(questionnaire)
    counts = people_of(human, only_human, bank)
    changes = asked(
        languages=languages,
        steering=steering,
        targets=targets,
        persona=persona,
        personas=personas,
        questions=questions,
        forms=forms,
        forms_seed=forms_seed,
        fast=fast,
        option_orders=option_orders,
        wordings=wordings,
        templates=templates,
        surfaces=surfaces,
        reasoning=reasoning,
        labels=labels,
        examples=examples,
        wave=wave_of(wave, bank, counts) if bank.is_own else wave,
        elicit=elicit,
        draws=draws,
        temperature=temperature,
    )
    # whatever a file says of models, the other program chooses them
    changes |= {"models": ["any"]}
    wanted = (
        Experiment.from_table({}, bank=bank, human=counts, changes=changes)
        if experiment is None
        else Experiment.from_toml(experiment, bank=bank, human=counts, changes=changes)
    )
    written = write_tasks(out, wanted, bank=bank, human=counts)
    rows = ", ".join(f"{n} {name}" for name, n in written.items())
    stderr.print(f"rows in {out}: {rows}", markup=False)
    for told in limits(wanted, bank):
        stderr.print(told, markup=False)
    stderr.print(f"run them as the first lines of {out}/doxa_*.py say", markup=False)


@app.command("export", epilog="Example:  doxa prompts export --language ja > ja.jsonl")
def export(
    language: Annotated[str, typer.Option(help="The language.")] = "en",
    as_csv: Annotated[bool, typer.Option("--csv", help="CSV instead of JSON lines.")] = False,
    questionnaire: QuestionnaireOption = None,
) -> None:
    """Print the questionnaire in one language, for editing."""
    put(export_questions(bank_of(questionnaire), language, format="csv" if as_csv else "jsonl"))


@app.command(
    "import",
    epilog="Example:  doxa prompts import official.jsonl --language ja --out my-bank/ja.toml",
)
def import_(
    file: Annotated[Path, typer.Argument(help="Questions, JSON lines or CSV.")],
    language: Annotated[str, typer.Option(help="Their language’s code, such as ja.")],
    out: Annotated[Path, typer.Option(help="The language file to write, in a bank's folder.")],
) -> None:
    """Turn a questionnaire of your own into a language file, and say what is missing."""
    imported = import_questions(file, language, bank=QuestionBank.load())
    if out.exists():
        raise QuestionnaireError(f"{out} is there already: name another file, or remove it")
    with replacing(out) as partial:
        partial.write_text(imported.toml, encoding="utf-8")
    stderr.print(imported.report(), markup=False)


@app.command("sheet", epilog="Example:  doxa prompts sheet ar --out arabic.xlsx")
def sheet(
    language: Annotated[str, typer.Argument(help="The language’s code, such as ar.")],
    out: Annotated[
        Path, typer.Option(help="A file ending in .xlsx or .csv; or .html, to read and print.")
    ],
) -> None:
    """Write a sheet for native speakers: one row a text, beside the English and what it measures.

    Back-translations come from the record of reviews, which only a checkout of the project has.
    """
    folder = record_folder()
    record = folder and folder / f"{language}.csv"
    n = write_sheet(out, QuestionBank.load(), language, record=record)
    stderr.print(f"{n} rows in {out}", markup=False)


@app.command("review", epilog="Example:  doxa prompts review arabic.xlsx --reviewer Aisha --native")
def review(
    file: Annotated[Path, typer.Argument(help="A sheet that was filled in, xlsx or CSV.")],
    reviewer: Annotated[
        str, typer.Option(help="Who read the rows whose column Reviewer is empty.")
    ] = "",
    native: Annotated[
        bool, typer.Option("--native", help="The reviewers are native speakers.")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(help="A folder for the changed file and the record, in place of the project."),
    ] = None,
) -> None:
    """Take the corrections of a sheet into the language’s file, and keep the record.

    Rows whose text has changed since the sheet was written are named and not taken.
    """
    record = record_folder()
    if record is None and out is None:
        raise QuestionnaireError(
            "this doxa is installed, not a checkout: name a folder for the changed file with --out"
        )
    taken = take_sheet(
        file,
        QuestionBank.load(),
        record=record or out or Path(),
        on=date.today(),
        reviewer=reviewer,
        native=native,
        out=out,
    )
    stderr.print(taken.report(), markup=False)

"""The options that say what models are asked, and the keys of an experiment that they stand for."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from doxa.cli.options import names
from doxa.elicit import ELICITATIONS
from doxa.errors import ExperimentError
from doxa.prompt import SURFACES

__all__ = [
    "DrawsOption",
    "ElicitOption",
    "ExamplesOption",
    "ExperimentOption",
    "FastOption",
    "FormsOption",
    "FormsSeedOption",
    "LabelsOption",
    "LanguagesOption",
    "OrdersOption",
    "PersonaOption",
    "PersonasOption",
    "QuestionsOption",
    "ReasoningOption",
    "SteeringOption",
    "SurfacesOption",
    "TargetsOption",
    "TemperatureOption",
    "TemplatesOption",
    "WaveShownOption",
    "WordingsOption",
    "asked",
    "given",
]

ExperimentOption = Annotated[
    Path | None,
    typer.Option(help="A TOML file that says all this; options here replace what it says."),
]
LanguagesOption = Annotated[
    str | None,
    typer.Option(
        help="Prompt languages; en by default; all; main for each target's own main language."
    ),
]
SteeringOption = Annotated[
    str | None,
    typer.Option(
        help="none (the default; with groups, persona too), persona, few-shot, time-<wave>; joined "
        "by _; language_ in front for each target's own language."
    ),
]
TargetsOption = Annotated[
    str | None,
    typer.Option(help="Countries steered towards, alpha-3 codes; all for all of the wave."),
]
PersonaOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="GROUP",
        help='A group of people steered towards, such as "sex=female,age=60+"; with --targets, of '
        "each of these countries. May be repeated.",
    ),
]
PersonasOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="GRID",
        help="Groups from a grid of variables, such as sex×age×education (x does as well), or "
        '"sex x age:30,60". May be repeated.',
    ),
]
QuestionsOption = Annotated[
    str | None,
    typer.Option(help="Item ids, or how many spread over the topics; all by default."),
]
FormsOption = Annotated[
    int | None,
    typer.Option(
        help="How many forms of each item are drawn: orders of the options and, from 3 on, "
        "wordings, instructions and labels. By default two, the options as listed and the other "
        "way round; or all combinations of the levels named in the options below."
    ),
]
FormsSeedOption = Annotated[
    int | None, typer.Option(help="The seed that forms are drawn with; 0 by default.")
]
FastOption = Annotated[
    bool, typer.Option("--fast", help="One form of each item, the options as listed.")
]
OrdersOption = Annotated[
    str | None,
    typer.Option(help="listed and reversed by default; also rotated:<n>, reversed:<n>, seed:<n>."),
]
WordingsOption = Annotated[
    str | None, typer.Option(help="Wordings of the questions: a, b, c, where a language has them.")
]
TemplatesOption = Annotated[
    str | None, typer.Option(help="Paraphrases of the instruction: a, b, c.")
]
SurfacesOption = Annotated[
    str | None,
    typer.Option(help=f"How questions are written: some of {', '.join(SURFACES)}."),
]
ReasoningOption = Annotated[
    list[str] | None,
    typer.Option(
        help="off (the default), or the most tokens of the thought that a model writes first; "
        "several, such as off,512, to compare them; may be repeated."
    ),
]
LabelsOption = Annotated[
    str | None, typer.Option(help="Labels of options: numbers (the default), letters, or both.")
]
ExamplesOption = Annotated[
    int | None,
    typer.Option(help="Examples in each prompt; by default 5 of people's answers, else none."),
]
WaveShownOption = Annotated[
    int | None, typer.Option(help="Wave of the human answers in examples; 7 by default.")
]
ElicitOption = Annotated[
    str | None,
    typer.Option(help=f"Some of {', '.join(ELICITATIONS)}; logprobs,verbalized by default."),
]
DrawsOption = Annotated[
    int | None, typer.Option(help="Answers, or thoughts, drawn to each item; 10 by default.")
]
TemperatureOption = Annotated[
    float | None,
    typer.Option(help="For draws; 1 by default. At 0 one thought of the likeliest tokens."),
]


def asked(
    *,
    languages: str | None = None,
    steering: str | None = None,
    targets: str | None = None,
    persona: list[str] | None = None,
    personas: list[str] | None = None,
    questions: str | None = None,
    forms: int | None = None,
    forms_seed: int | None = None,
    fast: bool = False,
    option_orders: str | None = None,
    wordings: str | None = None,
    templates: str | None = None,
    surfaces: str | None = None,
    reasoning: list[str] | None = None,
    labels: str | None = None,
    examples: int | None = None,
    wave: int | None = None,
    elicit: str | None = None,
    draws: int | None = None,
    temperature: float | None = None,
) -> dict[str, Any]:
    """Return the keys of an experiment that the options stand for."""
    if fast and forms not in (None, 1):
        raise ExperimentError(f"--fast and --forms {forms}: --fast is one form: leave out one")
    return given(
        forms=1 if fast else forms,
        forms_seed=forms_seed,
        wordings=_split(wordings),
        templates=_split(templates),
        surfaces=_split(surfaces),
        languages=_split(languages),
        steering=_split(steering),
        targets=_split(targets),
        personas=[*(persona or ()), *(personas or ())] or None,
        items=_items(questions),
        option_orders=_split(option_orders),
        reasoning=_split(None if reasoning is None else ",".join(reasoning)),
        label_styles=_split(labels),
        n_examples=examples,
        wave=wave,
        elicitations=_split(elicit),
        settings=given(draws=draws, temperature=temperature),
    )


def given(**values: Any) -> dict[str, Any]:
    """Return the options that were given."""
    return {name: value for name, value in values.items() if value not in (None, {})}


def _split(text: str | None) -> list[str] | None:
    return None if text is None else names(text)


def _items(text: str | None) -> list[str] | int | None:
    return int(text) if text and text.isdecimal() else _split(text or None)

"""Options that several commands take, and how their texts are read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from doxa.questionnaire import QuestionBank

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    from doxa.analysis import Settings

__all__ = [
    "MODEL_HELP",
    "BaselineOption",
    "ConfidenceOption",
    "DesignOption",
    "HumanOption",
    "JsonOption",
    "OnlyHumanOption",
    "OutOption",
    "QuestionnaireOption",
    "RecordedOption",
    "RenameOption",
    "ResampleOption",
    "ResamplesOption",
    "RetestOption",
    "RunsArgument",
    "SeedOption",
    "WaveOption",
    "bank_of",
    "counts_of",
    "names",
    "new_names",
    "people_of",
    "settings_of",
    "wave_of",
]

MODEL_HELP: Final = (
    "A GGUF file; hf:owner/repo[:quant|file]; ollama:name[:tag]; lmstudio:owner/repo[/file]."
)
HumanOption = Annotated[
    Path | None,
    typer.Option(
        help="Human answers of your own: CSV, Parquet or a folder that `doxa survey import` wrote. "
        "They replace, country by country and wave by wave, what doxa ships of the world and what "
        "is scored against by default; `sample` is its counts of four countries alone."
    ),
]
OnlyHumanOption = Annotated[
    bool, typer.Option("--only-human", help="With --human: leave out what doxa ships.")
]
QuestionnaireOption = Annotated[
    Path | None,
    typer.Option(
        help="A questionnaire of your own: a TOML or CSV file as `doxa questionnaire new` writes "
        "it, or a folder. A run keeps what it asked."
    ),
]
WaveOption = Annotated[
    int | None,
    typer.Option(
        help="The survey's wave: 7 by default; with a questionnaire of your own, the latest in its "
        "people's answers."
    ),
]
ResampleOption = Annotated[
    str,
    typer.Option(
        help="What the bootstrap resamples: items, respondents, replies, forms, or several. Forms "
        "are the ways in which an item was put: its wording, the order of its options."
    ),
]
BaselineOption = Annotated[
    str,
    typer.Option(help="What scores are read against: leave-one-out, pooled, uniform, nearest."),
]
DesignOption = Annotated[
    float,
    typer.Option(
        "--design-effect",
        help="Divide the effective numbers of respondents by this, for clustered samples whose "
        "files do not tell the clusters; 1 by default.",
    ),
]
RetestOption = Annotated[
    Path | None,
    typer.Option(
        help="Answers of the same people asked again, as --human: the table ceilings has what they "
        "would score."
    ),
]
ResamplesOption = Annotated[int, typer.Option(min=1, help="Bootstrap resamples.")]
ConfidenceOption = Annotated[float, typer.Option(help="Level of the intervals, between 0 and 1.")]
SeedOption = Annotated[int, typer.Option(min=0, help="Seed of every draw.")]
RunsArgument = Annotated[
    list[Path] | None, typer.Argument(metavar="RUN...", help="Folders of runs, or bundles.")
]
RecordedOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--from",
        help="Replies that another program recorded, a run or a bundle; may be repeated. The kind "
        "of file is found from its content.",
    ),
]
RenameOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="OLD=NEW",
        help="Show a model under another name in every table; may be repeated. Two that get one "
        "name are one model, which two programs recorded.",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object per line.")]
OutOption = Annotated[Path | None, typer.Option(help="A file ending in .parquet, .csv or .jsonl.")]


def bank_of(questionnaire: Path | None, sources: Sequence[Path] = ()) -> QuestionBank:
    """Read the questionnaire that is named, else the one that some runs keep, else doxa's own."""
    if questionnaire is None and not sources:
        return QuestionBank.load()
    from doxa.evaluate import questionnaire_of  # slow to import

    return questionnaire_of(sources, questionnaire)


def counts_of(
    human: Path | None, only_human: bool = False, bank: QuestionBank | None = None
) -> pl.DataFrame:
    """Read human counts; by default the world that comes with doxa."""
    if only_human and human is None:
        raise typer.BadParameter("--only-human needs human answers of your own: name --human")
    from doxa.evaluate import read_people  # slow to import, and most commands read no people

    return read_people(human, only=only_human, bank=bank)


def people_of(human: Path | None, only_human: bool, bank: QuestionBank) -> pl.DataFrame | None:
    """Read human counts to show to models; a questionnaire of one's own may have none."""
    return None if bank.is_own and human is None else counts_of(human, only_human, bank)


def wave_of(wave: int | None, bank: QuestionBank, counts: pl.DataFrame | None) -> int:
    """Choose the wave: the one that is named; else the latest of one's own people, or wave 7."""
    if wave is not None:
        return wave
    if not bank.is_own or counts is None:
        return 7
    latest: int = counts["wave"].max()  # type: ignore[assignment]  # a column of whole numbers
    return latest


def names(text: str) -> list[str]:
    """Split a list at its commas."""
    return [name.strip() for name in text.split(",") if name.strip()]


def new_names(rename: Sequence[str] | None) -> dict[str, str]:
    """Read the models' new names by their old ones."""
    pairs = [text.partition("=") for text in rename or ()]
    for (old, _, new), text in zip(pairs, rename or (), strict=True):
        if not (old.strip() and new.strip()):
            raise typer.BadParameter(f"--rename {text}: write OLD=NEW, such as model.gguf=Model")
    return {old.strip(): new.strip() for old, _, new in pairs}


def settings_of(
    *,
    wave: int,
    resamples: int,
    confidence: float,
    seed: int,
    resample: str = "items,forms",
    baseline: str = "leave-one-out",
    design_effect: float = 1.0,
    human: Path | None = None,
    bank: QuestionBank | None = None,
) -> Settings:
    """Make the settings of tables from the options.

    Raises
    ------
    InvalidArgumentError
        A value is out of its range.
    """
    from doxa.analysis import Settings

    people = None
    if (
        human is not None
        and human.is_dir()
        and bank is not None
        and "respondents" in names(resample)
    ):
        from doxa.survey import Microdata

        people = Microdata.of_folder(human, dict(bank.items))
    return Settings(
        wave=wave,
        resample=names(resample),  # type: ignore[arg-type]  # Settings knows which there are
        n_resamples=resamples,
        confidence=confidence,
        seed=seed,
        baseline=baseline.replace("-", "_"),  # type: ignore[arg-type]
        design_effect=design_effect,
        respondents=people,
    )

"""Human answers: what a survey file holds, and how it becomes counts."""

from __future__ import annotations

import json
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import polars as pl
import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from doxa.cli.answers import show
from doxa.cli.console import stderr
from doxa.cli.interrupt import STOPPED, stop
from doxa.cli.options import QuestionnaireOption, bank_of
from doxa.cli.plain import plain_app, put
from doxa.errors import SurveyError
from doxa.files import reason, replacing
from doxa.questionnaire import QuestionBank
from doxa.survey import (
    CITATION,
    SOURCES,
    TERMS,
    crosswalk,
    describe_survey,
    holdings,
    import_files,
    read_counts,
    world,
    world_summary,
)
from doxa.survey.data_report import describe_file
from doxa.survey.drafting import draft_description
from doxa.survey.holdings import holdings_lines, holds_counts
from doxa.survey.subpopulations import ready_names
from doxa.survey.world import source_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


__all__ = ["app"]

app = plain_app("Human answers.")
app.command("show", epilog="Example:  doxa survey show Q164 --countries JPN,USA")(show)

DescribedOption = Annotated[
    Path | None,
    typer.Option(help="A TOML file that describes a survey doxa does not know by itself."),
]
ByOption = Annotated[
    list[str] | None,
    typer.Option(
        help=f"Split by {', '.join(ready_names())}, joined by commas; by ages cut elsewhere: "
        '"age:30,60"; or by a variable, its ranges or an SQL expression: "sex=Q260", '
        '"income=Q288:4,7", "Q262 >= 60 AS older"; may be repeated.'
    ),
]
UnweightedOption = Annotated[
    bool, typer.Option("--unweighted", help="Count every respondent once.")
]
WaveOption = Annotated[
    int | None, typer.Option(help="The wave, 4 to 7, of a file of one wave that does not say it.")
]
LabelsOption = Annotated[
    Path | None, typer.Option(help="A TOML file with the codes of labels that doxa lacks.")
]
ToSettleOption = Annotated[
    Path | None,
    typer.Option(
        "--write-labels",
        help="A new file for the labels that doxa lacks, with suggestions, to complete and give "
        "as --labels.",
    ),
]
StrictOption = Annotated[
    bool,
    typer.Option(
        "--strict", help="Refuse labels that doxa lacks; else such answers count as missing."
    ),
]
KeepRepeatedOption = Annotated[
    bool,
    typer.Option(
        "--keep-repeated", help="Keep rows that repeat another's number and all its answers."
    ),
]


@app.command("info", epilog="Example:  doxa survey info WVS_Cross-National_Wave_7.csv")
def info(
    file: Annotated[
        Path | None,
        typer.Argument(
            help="A survey file, a folder of imports or a file of counts; without it, what doxa "
            "ships."
        ),
    ] = None,
    described: DescribedOption = None,
    questionnaire: QuestionnaireOption = None,
    wave: WaveOption = None,
    labels: LabelsOption = None,
    write_labels: ToSettleOption = None,
    strict: StrictOption = False,
    keep_repeated: KeepRepeatedOption = False,
    as_json: Annotated[bool, typer.Option("--json", help="As one JSON object.")] = False,
) -> None:
    """Report on a survey file: respondents, items, missing answers, weights, what is excluded.

    Of a folder of imports, of a file of counts and, without a file, of what doxa ships: the map
    of countries and waves, with items, respondents, groups, sources, and what weights do to the
    shares (mean and largest change).
    """
    if file is None:
        put(world_summary().write_ndjson() if as_json else _lines(holdings(world())))
        sources = "\n".join(source_lines(SOURCES))
        stderr.print(f"\nsources\n{sources}\n\n{CITATION}\n{TERMS}", markup=False)
        return
    if described is None and holds_counts(file):
        if any((wave, labels, write_labels, strict, keep_repeated)):
            raise typer.BadParameter(f"{file} holds counts already: --json is its only option")
        held = holdings(read_counts(file))
        put(held.write_ndjson() if as_json else _lines(held))
        return
    with _reading("") as progress:
        found = describe_file(
            file,
            bank_of(questionnaire).items,
            described=described,
            questionnaire=None if questionnaire is None else bank_of(questionnaire),
            wave=wave,
            labels=labels,
            to_settle=write_labels,
            strict=strict,
            keep_repeated=keep_repeated,
            progress=lambda done, total: progress(file.name, done, total),
        )
    if as_json:
        put(json.dumps(found.as_dict(), ensure_ascii=False) + "\n")
    else:
        put("\n".join(found.lines()) + "\n")


def _lines(held: pl.DataFrame) -> str:
    return "\n".join(holdings_lines(held)) + "\n"


@app.command(
    "describe",
    epilog="Example:  doxa survey describe people.sav --questionnaire work.toml --out people.toml",
)
def describe(
    file: Annotated[Path, typer.Argument(help="A survey file of any kind.")],
    out: Annotated[Path | None, typer.Option(help="A new TOML file; else it is printed.")] = None,
    questionnaire: QuestionnaireOption = None,
) -> None:
    """Draft the TOML file that describes a survey file, from its columns and labels.

    With a questionnaire of your own, its items are looked for by the names and labels of columns.
    The draft says what to check and what was not found.
    """
    own = None if questionnaire is None else bank_of(questionnaire)
    if out is not None and out.exists():
        raise SurveyError(f"{out} is there already: name another file, or remove it")
    text = draft_description(file, own)
    if out is None:
        put(text)
        return
    try:
        with replacing(out) as partial:
            partial.write_text(text, encoding="utf-8")
    except OSError as error:
        raise SurveyError(f"{out}: cannot be written ({reason(error)})") from None
    stderr.print(f"{out}: check each line, above all those with TO DO", markup=False)


@app.command(
    "import", epilog="Example:  doxa survey import *.xlsx --out human --write-labels my.toml"
)
def import_(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Survey files.")],
    out: Annotated[Path, typer.Option(help="The folder of counts and microdata.")],
    described: DescribedOption = None,
    questionnaire: QuestionnaireOption = None,
    by: ByOption = None,
    unweighted: UnweightedOption = False,
    wave: WaveOption = None,
    labels: LabelsOption = None,
    write_labels: ToSettleOption = None,
    strict: StrictOption = False,
    keep_repeated: KeepRepeatedOption = False,
    as_labelled: Annotated[
        bool,
        typer.Option(
            "--as-labelled",
            help="Take GlobalOpinionQA's country names as they stand, though they are shifted.",
        ),
    ] = False,
    allow_missing_items: Annotated[
        bool, typer.Option("--allow-missing-items", help="Take a part of a survey file.")
    ] = False,
) -> None:
    """Turn survey files into counts and microdata, Parquet; the same file is imported once."""
    own = None if questionnaire is None else bank_of(questionnaire)
    if own is not None and described is None:
        raise typer.BadParameter(
            "--questionnaire needs --described, which says where the file has its items: "
            "`doxa survey describe` drafts it"
        )
    survey = describe_survey(described, own) if described else None
    with _reading("; nothing was imported") as progress:
        results = import_files(
            files,
            out,
            survey.layout.items if survey else QuestionBank.load().items,
            layout=survey.layout if survey else None,
            by=by or [],
            weighted=not unweighted,
            wave=wave,
            labels=labels,
            to_settle=write_labels,
            strict=strict,
            keep_repeated=keep_repeated,
            as_labelled=as_labelled,
            allow_missing_items=allow_missing_items,
            progress=progress,
        )
    for result in results:
        if result.already_there:
            stderr.print(f"{result.file}: imported before, nothing to do", markup=False)
        elif result.report is not None:
            stderr.print("\n".join(result.report.lines()), markup=False)
        put(f"{result.counts}\n")


@app.command("crosswalk", epilog="Example:  doxa survey crosswalk --json > crosswalk.ndjson")
def crosswalk_(
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, one item per line.")] = False,
) -> None:
    """List where the survey's files keep each item, in which waves, and what differs there."""
    frame = crosswalk()
    if as_json:
        put(frame.write_ndjson())
        return
    waves = pl.col("waves").cast(pl.List(pl.String)).list.join(" ")
    put(frame.with_columns(waves).write_csv(separator="\t"))


@contextmanager
def _reading(after_a_stop: str) -> Iterator[Callable[[str, int, int], None]]:
    """Show which file is read, and the time left where its size is known; end at Ctrl-C."""
    bar = Progress(
        TextColumn("reading {task.description}", markup=False),
        BarColumn(),
        TimeElapsedColumn(),
        TextColumn("so far,"),
        TimeRemainingColumn(),
        TextColumn("left"),
        console=stderr,
        transient=True,
        disable=not stderr.is_terminal,
    )
    task = bar.add_task("", total=None)
    last = time.monotonic()

    def progress(file: str, done: int, total: int) -> None:
        nonlocal last
        if not stderr.is_terminal and done and time.monotonic() - last > 10:
            last = time.monotonic()
            stderr.print(f"reading {file}: {done / total:.0%}", markup=False)
        if done == 0:
            bar.reset(task, description=file, total=None)
        else:
            bar.update(task, description=file, completed=done, total=total)

    try:
        with bar:
            yield progress
    except KeyboardInterrupt:
        stop(f"stopped{after_a_stop}")
        raise typer.Exit(STOPPED) from None

"""The command line: parses, calls, prints. Data go to stdout, progress and trouble to stderr."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import polars as pl
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

import doxa
from doxa.demo import NOTICE, demo_experiment, demo_model
from doxa.errors import DoxaError, ExperimentError
from doxa.evaluation import Evaluation, evaluate, store_path
from doxa.experiment import Experiment
from doxa.export import export_replies
from doxa.prompt import Condition, examples_for, shown_prompt
from doxa.question import QuestionBank
from doxa.report import write_report
from doxa.report.terminal import alignment_table
from doxa.run import ask as ask_models
from doxa.store import Store
from doxa.survey import CITATION, TERMS, read_counts, sample

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Report = Callable[[int, int, float], None]

__all__ = ["app", "main"]

app = typer.Typer(
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Whose opinions does a language model express?",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
survey_app = typer.Typer(help="Human answers.", no_args_is_help=True, rich_markup_mode=None)
prompts_app = typer.Typer(
    help="What models are asked.", no_args_is_help=True, rich_markup_mode=None
)
app.add_typer(survey_app, name="survey")
app.add_typer(prompts_app, name="prompts")

_out = Console(soft_wrap=True)
_err = Console(stderr=True, soft_wrap=True, highlight=False)

Human = Annotated[
    Path | None,
    typer.Option(help="Human counts, CSV or Parquet; by default the sample that comes with doxa."),
]
Wave = Annotated[int, typer.Option(help="The survey's wave.")]
Resamples = Annotated[int, typer.Option(min=1, help="Bootstrap resamples of the items.")]
Seed = Annotated[int, typer.Option(min=0, help="Fixes every draw.")]
Runs = Annotated[list[Path], typer.Argument(metavar="RUN...", help="Folders of runs.")]


def main() -> None:
    """Run the command line; a failure is told in one line, with exit status 1."""
    try:
        app()
    except DoxaError as error:
        sys.exit(_fail(" ".join(str(error).split())))
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        sys.exit(_fail(f"{where}{(error.strerror or str(error)).lower()}"))


def _fail(message: str) -> int:
    _err.print(f"doxa: {message}", markup=False)
    return 1


@app.command(
    epilog="Example:  doxa demo --out runs/demo",
)
def demo(
    out: Annotated[Path, typer.Option(help="The run's folder.")] = Path("runs/demo"),
    items: Annotated[int, typer.Option(min=1, help="How many items.")] = 40,
) -> None:
    """Ask a small model 40 questions in seven ways, score it, write a report."""
    bank, counts = QuestionBank.load(), sample(wave=7)
    model = demo_model()
    experiment = demo_experiment(model, n_items=items, bank=bank, human=counts)
    out.mkdir(parents=True, exist_ok=True)
    with _progress("asking", "make demo, or this command again,") as report:
        ask_models(experiment, store_path(out), bank=bank, human=counts, progress=report)
    result = evaluate([out], counts, bank)
    page = _write_report(
        result,
        out / "report.html",
        title="Whose opinions does SmolLM2-135M express?",
        notice=NOTICE,
    )
    _out.print(alignment_table(result.alignment))
    _err.print(f"\n{NOTICE}")
    _err.print("\nThe report:", end=" ")
    _out.print(str(page.resolve()), markup=False, highlight=False)


@app.command(
    epilog="Example:  doxa ask --model model.gguf --languages en,ja --steering none,persona "
    "--targets JPN,USA --out runs/x",
)
def ask(
    out: Annotated[Path, typer.Option(help="The run's folder; an old run goes on.")],
    model: Annotated[list[str] | None, typer.Option(help="A GGUF file; may be repeated.")] = None,
    experiment: Annotated[
        Path | None, typer.Option(help="A TOML file instead of the options below.")
    ] = None,
    languages: Annotated[str, typer.Option(help="Prompt languages.")] = "en",
    steering: Annotated[
        str,
        typer.Option(help="none, persona, few-shot, time-<wave>; joined by _; language_ in front."),
    ] = "none",
    targets: Annotated[str, typer.Option(help="Countries steered towards, alpha-3 codes.")] = "",
    questions: Annotated[
        str, typer.Option(help="Item ids, or how many spread over the topics; all by default.")
    ] = "",
    elicit: Annotated[
        str, typer.Option(help="verbalized, logprobs, sampling.")
    ] = "verbalized,logprobs",
    option_orders: Annotated[str, typer.Option(help="listed, reversed, seed:<n>.")] = "listed",
    wave: Wave = 7,
    human: Human = None,
) -> None:
    """Ask models what they have not been asked yet; stop with Ctrl-C, run again to go on."""
    bank, counts = QuestionBank.load(), _counts(human)
    if experiment is not None:
        if model:
            raise ExperimentError(f"--model and --experiment {experiment}: give one of them")
        wanted = Experiment.from_toml(experiment, bank=bank, human=counts)
    else:
        wanted = Experiment.from_grid(
            model or [],
            bank=bank,
            human=counts,
            languages=_names(languages),
            steering=_names(steering),
            targets=_names(targets),
            items=_items(questions),
            elicitations=_names(elicit),
            option_orders=_names(option_orders),
            wave=wave,
        )
    out.mkdir(parents=True, exist_ok=True)
    with _progress("asking", "this command again") as report:
        ask_models(wanted, store_path(out), bank=bank, human=counts, progress=report)
    with Store.open(store_path(out), create=False) as store:
        statuses = dict(store.replies()["status"].value_counts(sort=True).iter_rows())
    _err.print("replies: " + ", ".join(f"{n} {status}" for status, n in statuses.items()))
    _err.print(f"score them with  doxa score {out}", markup=False)


@app.command(epilog="Example:  doxa export runs/x --out replies.parquet")
def export(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a run.")],
    out: Annotated[Path, typer.Option(help="A file ending in .parquet, .csv or .jsonl.")],
) -> None:
    """Write every reply of a run to one file."""
    with Store.open(store_path(run), create=False) as store:
        replies = store.replies()
    export_replies(replies, out)
    _err.print(f"{replies.height} replies in {out}", markup=False)


@app.command(epilog="Example:  doxa score runs/x --json")
def score(
    runs: Runs,
    human: Human = None,
    wave: Wave = 7,
    resamples: Resamples = 1000,
    seed: Seed = 0,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Score runs: alignment by country, language and steering, with 95 % intervals."""
    result = evaluate(
        runs, _counts(human), QuestionBank.load(), wave=wave, n_resamples=resamples, seed=seed
    )
    if as_json:
        sys.stdout.write(result.alignment.write_ndjson())
    else:
        _out.print(alignment_table(result.alignment))


@app.command(epilog="Example:  doxa report runs/x --out report.html")
def report(
    runs: Runs,
    out: Annotated[Path, typer.Option(help="The HTML file.")] = Path("report.html"),
    human: Human = None,
    wave: Wave = 7,
    resamples: Resamples = 1000,
    seed: Seed = 0,
) -> None:
    """Write one self-contained HTML file on some runs."""
    result = evaluate(
        runs, _counts(human), QuestionBank.load(), wave=wave, n_resamples=resamples, seed=seed
    )
    models = ", ".join(result.replies["model"].unique(maintain_order=True))
    page = _write_report(result, out, title=f"Whose opinions does {models} express?")
    _out.print(str(page.resolve()), markup=False, highlight=False)


@survey_app.command("info", epilog="Example:  doxa survey info counts.csv")
def survey_info(
    counts: Annotated[
        Path | None, typer.Argument(help="Human counts; by default the shipped sample.")
    ] = None,
) -> None:
    """Say what human counts hold."""
    frame = _counts(counts)
    summary = (
        frame.group_by("survey", "wave", "country")
        .agg(
            items=pl.col("question").n_unique(),
            answers=pl.col("n").sum(),
            largest_effective_n=pl.col("n_effective").max(),
        )
        .sort("survey", "wave", "country")
    )
    sys.stdout.write(summary.write_csv(separator="\t", float_precision=1))
    if counts is None:
        _err.print(f"\n{CITATION}\n{TERMS}", markup=False)


@prompts_app.command(
    "show",
    epilog="Example:  doxa prompts show Q6 --language ja --steering persona --target JPN",
)
def prompts_show(
    item: Annotated[str, typer.Argument(help="An item's id, such as Q6.")],
    language: Annotated[str, typer.Option(help="The prompt's language.")] = "en",
    steering: Annotated[str, typer.Option(help="none, persona, few-shot, time-<wave>.")] = "none",
    target: Annotated[str, typer.Option(help="Alpha-3 code of a country.")] = "",
    elicit: Annotated[str, typer.Option(help="verbalized, logprobs, sampling.")] = "verbalized",
    option_order: Annotated[str, typer.Option(help="listed, reversed, seed:<n>.")] = "listed",
    base: Annotated[bool, typer.Option("--base", help="As a base model gets it.")] = False,
    wave: Wave = 7,
    human: Human = None,
) -> None:
    """Print what a model gets, before its own chat template."""
    bank = QuestionBank.load()
    condition = Condition(language, steering, target, wave, option_order=option_order)
    examples = examples_for(condition, bank=bank, human=_counts(human))
    text = shown_prompt(
        item, condition, bank=bank, examples=examples, elicitation=elicit, chat=not base
    )
    sys.stdout.write(text + "\n")


def _write_report(result: Evaluation, path: Path, *, title: str, notice: str = "") -> Path:
    return write_report(
        path,
        alignment=result.alignment,
        replies=result.replies,
        model_distributions=result.model_distributions,
        human_distributions=result.human_distributions,
        provenance=dict(result.provenance),
        title=title,
        steering=result.steering if result.steering.height else None,
        notice=notice,
        prompts=result.prompts,
    )


def _counts(path: Path | None) -> pl.DataFrame:
    return sample() if path is None else read_counts(path)


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _items(text: str) -> list[str] | int | None:
    if not text:
        return None
    return int(text) if text.isdecimal() else _names(text)


@contextmanager
def _progress(what: str, how_to_go_on: str) -> Iterator[Report]:
    """Show progress with the time left; on Ctrl-C say how to go on, and leave with status 130."""
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("left"),
        console=_err,
        disable=not _err.is_terminal,
    )
    task = bar.add_task(what, total=None)
    last = time.monotonic()
    first: list[int] = []

    def report(done: int, total: int, seconds: float) -> None:
        nonlocal last
        bar.update(task, completed=done, total=total)
        first.append(done) if not first else None
        if not _err.is_terminal and (time.monotonic() - last > 10 or done == total):
            last = time.monotonic()
            left = seconds * (total - done) / max(done - first[0], 1)
            _err.print(f"{what}: {done} of {total}, {seconds:.0f} s, about {left:.0f} s left")

    try:
        with bar:
            yield report
    except KeyboardInterrupt:
        _err.print(f"stopped; every reply so far is kept: {how_to_go_on} goes on from here")
        raise typer.Exit(130) from None


def _version(wanted: Any) -> None:
    if wanted:
        sys.stdout.write(f"doxa {doxa.__version__}\n")
        raise typer.Exit


@app.callback()
def _options(
    _: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Measure whose opinions a language model expresses."""

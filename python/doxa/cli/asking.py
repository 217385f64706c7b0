"""The command that asks models."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final

import polars as pl
import typer

from doxa.cli.advancing import progress
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
    given,
)
from doxa.cli.console import stderr, stdout
from doxa.cli.options import (
    MODEL_HELP,
    HumanOption,
    OnlyHumanOption,
    QuestionnaireOption,
    bank_of,
    names,
    people_of,
    wave_of,
)
from doxa.cli.telling import verdict_lines
from doxa.cluster.asking import ask as ask_on_cluster
from doxa.errors import ExperimentError
from doxa.recorded import known_store, store_path
from doxa.report.words import THOUGHT_NAMES
from doxa.run import ask as ask_models
from doxa.run.course import Course
from doxa.run.estimate import Estimate, estimate
from doxa.run.experiment import Experiment
from doxa.run.progress import duration
from doxa.run.saved import saved_experiment
from doxa.run.shard import Shard
from doxa.store import Store

__all__ = ["ask"]

_ONE_FORM: Final = (
    "each item was asked in one form: what the order of its options and its wording do to the "
    "answers is in no number and no interval; --forms 2 or more adds it, and asks the rest only"
)


def ask(
    out: Annotated[Path, typer.Option(help="The run's folder; an existing run is continued.")],
    model: Annotated[
        list[str] | None,
        typer.Option(help=f"{MODEL_HELP} Or a server's name of a model. May be repeated."),
    ] = None,
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
    constrained: Annotated[
        bool | None,
        typer.Option(
            "--constrained/--free",
            help="Hold a verbalized reply to valid shares (the default), or parse what is written.",
        ),
    ] = None,
    draws: DrawsOption = None,
    temperature: TemperatureOption = None,
    parallel: Annotated[
        int | None,
        typer.Option(help="Prompts, or requests to a server, side by side; 1 by default."),
    ] = None,
    threads: Annotated[int | None, typer.Option(help="Threads; all cores by default.")] = None,
    gpu_layers: Annotated[
        int | None,
        typer.Option(help="Layers on the GPU; all where llama.cpp was built for one."),
    ] = None,
    context_length: Annotated[
        int | None,
        typer.Option(help="Tokens of prompt and reply; by default the model's limit."),
    ] = None,
    server: Annotated[
        list[str] | None,
        typer.Option(
            help="Address of a server of the model, ending in /v1. Several may be given: they are "
            "asked together."
        ),
    ] = None,
    allow_bounds: Annotated[
        bool,
        typer.Option(
            "--allow-bounds",
            help="Take option probabilities within bounds from servers that list only the "
            "likeliest tokens.",
        ),
    ] = False,
    api_key_env: Annotated[
        str | None,
        typer.Option(help="Variable with the server's API key; OPENAI_API_KEY by default."),
    ] = None,
    replay: Annotated[
        Path | None, typer.Option(help="A run whose recorded replies are read again.")
    ] = None,
    cluster: Annotated[
        str | None,
        typer.Option(
            help="Ask on a Ray cluster: local (this machine), auto (the one it is part of), or the "
            "head's host and port."
        ),
    ] = None,
    workers: Annotated[
        str | None,
        typer.Option(help="With --cluster: workers, or auto (the default): as find room."),
    ] = None,
    gpus_per_worker: Annotated[
        float | None, typer.Option(help="With --cluster: 1 by default where a node has any.")
    ] = None,
    cpus_per_worker: Annotated[
        int | None, typer.Option(help="With --cluster: at most 8 by default.")
    ] = None,
    mixed: Annotated[
        bool | None,
        typer.Option("--mixed", help="With --cluster: let nodes have other versions."),
    ] = None,
    retry: Annotated[
        str | None, typer.Option(help="failed: ask again what gave no distribution.")
    ] = None,
    shard: Annotated[
        str | None,
        typer.Option(
            metavar="I/N", help="Ask one of N parts, such as 3/16; doxa merge joins them."
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print what it would take; keep nothing.")
    ] = False,
    prices: Annotated[
        str | None,
        typer.Option(help="With --dry-run: prices per million tokens, of prompts and of replies."),
    ] = None,
) -> None:
    """Ask models what they have not been asked yet; stop with Ctrl-C, run again to go on."""
    if retry not in (None, "failed"):
        raise ExperimentError(f"--retry {retry}: write --retry failed, or leave it out")
    bank = bank_of(questionnaire, [out] if store_path(out).is_file() else [])
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
    if constrained is not None:
        way = "constrained" if constrained else "free"
        changes["settings"] = changes.get("settings", {}) | {"verbalized": way}
    changes |= given(
        models=model,
        engine=_engine(server, replay)
        | given(
            parallel=parallel,
            threads=threads,
            gpu_layers=gpu_layers,
            context_length=context_length,
            api_key_env=api_key_env,
            allow_bounds=allow_bounds or None,
        ),
        cluster=given(
            address=cluster,
            workers=_workers(workers),
            gpus_per_worker=gpus_per_worker,
            cpus_per_worker=cpus_per_worker,
            mixed=mixed,
        ),
    )
    if experiment is not None:
        wanted = Experiment.from_toml(experiment, bank=bank, human=counts, changes=changes)
    else:
        saved = saved_experiment(known_store(replay)) if replay else {}
        wanted = Experiment.from_table(saved, bank=bank, human=counts, changes=changes)
    store = store_path(out)
    part = None if shard is None else Shard.parse(shard)
    if dry_run:
        per_token = _prices(prices)
        known = store if store.is_file() else None
        estimates = estimate(
            wanted,
            known,
            bank=bank,
            human=counts,
            prices=per_token,
            shard=part,
            told=stderr.print,
        )
        _print_size(wanted, part)
        for one in estimates:
            _print_estimate(one, priced=prices is not None)
        return
    ask_all = ask_models if wanted.cluster is None else ask_on_cluster
    most = max(condition.thought_tokens for condition in wanted.conditions)
    asking = f"asking, with thoughts of at most {most:,} tokens" if most else "asking"
    course = Course()
    with progress(asking, "this command again", course) as tell:
        ask_all(
            wanted,
            store,
            bank=bank,
            human=counts,
            progress=tell,
            told=stderr.print,
            retry_failed=bool(retry),
            shard=part,
            course=course,
        )
    with Store.read(store) as opened:
        replies, unlike = opened.replies(), opened.unlike()
        judged = verdict_lines(opened, replies, bank)
    counted = replies["status"].value_counts(sort=True).iter_rows()
    stderr.print("replies: " + ", ".join(f"{n} {status}" for status, n in counted))
    thoughts = replies.filter(pl.col("thought_status").is_in([*THOUGHT_NAMES]))["thought_status"]
    if len(thoughts):
        ends = thoughts.value_counts(sort=True).iter_rows()
        stderr.print("thoughts: " + ", ".join(f"{n} {THOUGHT_NAMES[status]}" for status, n in ends))
    odd = replies.filter(pl.col("status") == "ok", pl.col("reason") != "").height
    if odd:
        stderr.print(
            f"{odd} of the ok ones were corrected, or something in them was odd: the column "
            "reason of an export says what"
        )
    for line in judged:
        stderr.print(line, markup=False)
    for line in unlike:
        stderr.print(f"from unlike machines or versions: {line}", markup=False)
    if wanted.forms == 1:
        stderr.print(_ONE_FORM)
    if part is None:
        stderr.print(f"score them with  doxa score {out}", markup=False)
    else:
        stderr.print(
            f"this is shard {part.number} of {part.of}: when all are there, join them with  "
            "doxa merge"
        )


def _workers(text: str | None) -> int | None:
    if text in (None, "auto"):
        return None
    if not text.isdecimal():
        raise ExperimentError(f"--workers {text}: give a number, or auto")
    return int(text)


def _engine(server: list[str] | None, replay: Path | None) -> dict[str, Any]:
    if server and replay is not None:
        raise ExperimentError("--server and --replay: give one of them")
    if server and not all(one.strip() for one in server):
        raise ExperimentError("--server has no address: write it like http://localhost:8080/v1")
    if server:
        return {"backend": "openai_server", "server": server if len(server) > 1 else server[0]}
    if replay is not None:
        return {"backend": "replay", "recording": str(known_store(replay))}
    return {}


def _prices(text: str | None) -> tuple[float, float]:
    if text is None:
        return 0.0, 0.0
    try:
        prompt, reply = map(float, names(text))
    except ValueError:
        raise ExperimentError(
            f"--prices {text}: give two numbers, such as 0.15,0.60, for a million tokens each"
        ) from None
    return prompt, reply


def _print_size(experiment: Experiment, shard: Shard | None) -> None:
    part = "" if shard is None else f"; shard {shard.number} of {shard.of}"
    stdout.print(
        f"{experiment.size} cells a model: {len(experiment.conditions)} conditions, "
        f"{len(experiment.items)} items in {experiment.forms} "
        f"{'form' if experiment.forms == 1 else 'forms'} each, "
        f"{', '.join(experiment.elicitations)}{part}",
        highlight=False,
    )


def _print_estimate(one: Estimate, *, priced: bool) -> None:
    timed = one.seconds is not None
    evaluated = f"{one.evaluated_tokens:,} of them evaluated, " if timed else ""
    lines = [
        f"{one.model}: {one.missing} replies to ask for, {one.known} known",
        f"  prompt tokens  {'' if timed else 'about '}{one.prompt_tokens:,} "
        f"({evaluated}{one.longest_prompt:,} in the longest prompt)",
        f"  reply tokens   {one.completion_tokens:,} at most"
        + (f", {one.thought_tokens:,} of them in thoughts" if one.thought_tokens else ""),
    ]
    if one.seconds is not None:
        lines.append(f"  time           about {duration(one.seconds)}")
    if priced:
        lines.append(f"  cost           {one.cost:,.4f} at most")
    stdout.print("\n".join(lines), markup=False, highlight=False)

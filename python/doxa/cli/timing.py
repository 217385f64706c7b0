"""How fast doxa is on this machine."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.table import Table

from doxa.bench import benchmark
from doxa.cli.console import stderr, stdout
from doxa.cli.interrupt import STOPPED, stop
from doxa.cli.options import MODEL_HELP
from doxa.cli.plain import put

if TYPE_CHECKING:
    from doxa.bench import Benchmark, ModelTiming

__all__ = ["bench"]

_LIBRARIES: Final = {"numpy": "NumPy", "polars": "Polars", "python": "Python"}
_WAYS: Final = {
    "logprobs": "log-probabilities",
    "verbalized": "verbalized shares",
    "logprobs,verbalized": "both, as doxa ask does",
}


def bench(
    model: Annotated[
        str | None, typer.Option(help=f"{MODEL_HELP} It is loaded and asked a few items.")
    ] = None,
    language: Annotated[str, typer.Option(help="The language in which it is asked.")] = "en",
    threads: Annotated[int | None, typer.Option(min=1, help="All cores by default.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As one JSON object.")] = False,
) -> None:
    """Time doxa on this machine: scoring, and with --model what asking all items would take."""
    try:
        found = benchmark(model, language=language, threads=threads, tell=_tell)
    except KeyboardInterrupt:
        stop("stopped; nothing was kept")
        raise typer.Exit(STOPPED) from None
    if as_json:
        put(json.dumps(found.as_dict(), ensure_ascii=False) + "\n")
    else:
        _show(found)


def _tell(step: str) -> None:
    # a line, not a bar: a moving bar would slow down what is timed
    stderr.print(f"{step} ...", markup=False)


def _show(found: Benchmark) -> None:
    machine, versions = found.machine, found.versions
    used = ", ".join(f"{name} {versions[key]}" for key, name in _LIBRARIES.items())
    _line(
        f"{machine['processor']}, cores: {machine['cores']}, threads: {machine['threads']}, "
        f"{machine['instruction_set']}"
    )
    _line(f"doxa {versions['doxa']}; {used}\n")
    table = _table("work", "median", "a second")
    for timing in found.timings:
        rate = f"{_count(timing.per_second)} {timing.unit}"
        table.add_row(f"{timing.work}\n  {timing.size}", _time(timing.seconds), rate)
    stdout.print(table)
    if found.model is not None:
        _show_model(found.model)


def _show_model(model: ModelTiming) -> None:
    _line(f"\n{model.model}, language: {model.language}, threads: {model.threads}")
    _line(
        f"loaded in {_time(model.load_seconds)}; "
        f"reads {model.prompt_tokens_per_second:,.0f} prompt tokens a second\n"
    )
    if model.valid < model.replies:
        _line(f"{model.replies - model.valid} of {model.replies} replies are no distribution")
    table = _table("asked for", "an item", f"all {model.items} items")
    for way, each in model.seconds_per_item.items():
        table.add_row(_WAYS[way], _time(each), _about(model.run_seconds[way]))
    stdout.print(table)
    _line("\none language without steering, each item in one form; `doxa ask` asks two by default")


def _line(text: str) -> None:
    stdout.print(text, markup=False, highlight=False)


def _table(first: str, *others: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column(first)
    for name in others:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def _time(seconds: float) -> str:
    number, unit = _in_unit(seconds)
    return f"{number:.3g} {unit}"


def _about(seconds: float) -> str:
    """Write an estimate with few digits: more would be invented."""
    number, unit = _in_unit(seconds)
    return f"about {number:,.{0 if number >= 10 else 1}f} {unit}"


def _in_unit(seconds: float) -> tuple[float, str]:
    for unit, size, most in (("ms", 1e-3, 0.1), ("s", 1.0, 120.0), ("min", 60.0, 7200.0)):
        if seconds < most:
            return seconds / size, unit
    return seconds / 3600, "h"


def _count(number: float) -> str:
    for size, word in ((1e9, "billion"), (1e6, "million")):
        if number >= size:
            return f"{number / size:,.3g} {word}"
    return f"{number:,.0f}"

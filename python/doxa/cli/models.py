"""The models on this machine."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from doxa.backend.named.catalogue import catalogue, searched
from doxa.backend.named.choice import size_words
from doxa.cli.console import stderr, stdout
from doxa.cli.plain import put
from doxa.errors import MissingExtraError
from doxa.outside.extras import require

if TYPE_CHECKING:
    from doxa.backend.named.catalogue import Entry

__all__ = ["models"]


def models(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object per line.")] = False,
) -> None:
    """List the models on this machine, and what to type for each as --model."""
    entries = catalogue()
    if as_json:
        for entry in entries:
            put(json.dumps(asdict(entry) | {"file": str(entry.file)}, ensure_ascii=False) + "\n")
        return
    usable = [entry for entry in entries if not entry.why_not]
    for entry in usable:
        stdout.print(entry.model, highlight=False)
        stdout.print(f"    {_facts(entry)}", style="dim", highlight=False)
    for entry in entries:
        if entry.why_not:
            stdout.print(entry.model, highlight=False)
            stdout.print(f"    cannot be asked: {entry.why_not}", style="dim", highlight=False)
    places = ", ".join(str(place.resolve()) for place in searched())
    count = f"{len(usable)} of {len(entries)} models can be asked" if entries else "no models"
    stderr.print(f"{count}; looked in {places}")
    try:
        require("llama_cpp")
    except MissingExtraError as error:
        stderr.print(f"to ask one: {error}")


def _facts(entry: Entry) -> str:
    """Say what is known of a model, in one line."""
    context = f"context {entry.context_length:,}" if entry.context_length else ""
    chat = f"chat template {entry.chat_template}" if entry.chat_template else "base model"
    thinks = f"thinks ({entry.thinking})" if entry.thinking else "does not think"
    facts = (_count(entry.parameters or 0), entry.quantization, size_words(entry.size))
    return " · ".join(fact for fact in (*facts, context, chat, thinks) if fact)


def _count(number: int) -> str:
    """Write a number of parameters as their makers do."""
    for size, letter in ((1e9, "B"), (1e6, "M")):
        if number >= size:
            return f"{number / size:.3g}{letter} parameters"
    return f"{number:,} parameters"

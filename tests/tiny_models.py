"""Tiny models on disk, and what they must answer, for the tests of the asking engine."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from thinking_templates import FAMILIES
from tiny_gguf import SPECIAL, Words, byte_words, sentencepiece_words, write_bigram, write_random
from tiny_kinds import write_kind

from doxa.backend import Request, Turn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

ENDLESS = (
    "{% for i in range(99999) %}{% for j in range(99999) %}{% for k in range(99999) %}"
    "{% endfor %}{% endfor %}{% endfor %}{{ messages[-1].content }}"
)
"""A chat template that does not end."""

MERGED = ("th", " 1", '":')


@cache
def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="doxa-tiny-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@cache
def words(kind: str) -> Words:
    """Return the vocabulary "bytes", "merged", "pieces" or, with a thought's marks, "thinks"."""
    if kind == "pieces":
        return sentencepiece_words()
    if kind == "thinks":
        return byte_words(("th",), ("<think>", "</think>"))
    return byte_words(MERGED if kind == "merged" else ("th",))


@cache
def table(kind: str) -> NDArray[np.float32]:
    """Return the logits of the bigram model, row by last token; special tokens are rare."""
    size = words(kind).size
    logits = np.random.default_rng(2026).normal(0, 1.5, (size, size)).astype(np.float32)
    logits[:, : len(SPECIAL)] -= 8
    if kind == "thinks":  # a thought is closed after some tokens: now after few, now after many
        logits[:, -2] -= 8
        logits[:, -1] = np.where(np.arange(size) % 16 == 0, 5, -8)
    return logits


@cache
def bigram(kind: str = "bytes", *, chat: bool | str = True) -> Path:
    path = _folder() / f"bigram-{kind}-{hash(chat)}.gguf"
    write_bigram(path, table(kind), words(kind), chat=chat)
    return path


@cache
def random_model(
    kind: str = "bytes", *, chat: bool | str = True, context: int = 4096, norm: float = 1
) -> Path:
    """Write a random model; `chat` may be a template, and `norm` may be no number."""
    path = _folder() / f"random-{kind}-{hash(chat)}-{context}-{norm}.gguf"
    write_random(path, words(kind), chat=chat, context=context, norm=norm)
    return path


@cache
def kind_model(architecture: str) -> Path:
    """Write a random model of an architecture of `tiny_kinds.KINDS`."""
    path = _folder() / f"kind-{architecture}.gguf"
    write_kind(path, architecture)
    return path


@cache
def aborting_model() -> Path:
    """Write a model with a token that is there twice; llama.cpp asserts that there is none."""
    path = _folder() / "aborting.gguf"
    once = words("bytes")
    write_random(path, replace(once, texts=[*once.texts[:-1], once.texts[-2]]))
    return path


def token(kind: str, text: str) -> int:
    """Return the number of the token that stands for a short ASCII text."""
    visible = text.replace(" ", "▁" if kind == "pieces" else "Ġ")
    return words(kind).texts.index(visible)


def thinking_model(family: str = "qwen3") -> Path:
    """Write a model whose template is that of a family of `thinking_templates`."""
    return bigram("thinks", chat=FAMILIES[family].source)


def log_probability(kind: str, last: str, tokens: Sequence[str]) -> float:
    """Return the exact log-probability of a token sequence after a last token."""
    total = 0.0
    for text in tokens:
        row = table(kind)[token(kind, last)].astype(np.float64)
        total += row[token(kind, text)] - np.logaddexp.reduce(row)
        last = text
    return total


def turn(item: int = 0, *, reply_start: str = "Answer: ", system: str = "Answer as asked.") -> Turn:
    options = "\n".join(f"{label}: option {label * item}" for label in range(1, 11))
    return Turn(system, f"Item {item}: which one?\n{options}", "Say one.", reply_start)


def requests(items: Sequence[int], labels: int = 10) -> list[Request]:
    """Return three kinds of requests for each item, as a run makes them."""
    shown = tuple(str(label) for label in range(1, labels + 1))
    return [
        request
        for item in items
        for request in (
            Request(turn(item), "options", shown),
            Request(turn(item, reply_start="{"), "shares", shown),
            Request(turn(item), "text", max_tokens=6, temperature=0.8, seed=item),
        )
    ]

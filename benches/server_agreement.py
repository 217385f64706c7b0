"""How far the option probabilities of one model differ between llama-server and this process.

    python benches/server_agreement.py [MODEL.gguf] [--items N] [--kinds F32,F16,Q4_0]

The same file, the same prompts: all 144 items in three languages. Files of single- and
half-precision weights are made from MODEL. With weights below single precision llama.cpp rounds
what it multiplies, so two builds with other kernels differ, and so do two batches of one build.
"""

from __future__ import annotations

import argparse
import ctypes
import math
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from llama_server import serving

from doxa.backend import Request, load
from doxa.backend.library import load_library
from doxa.demo import demo_model
from doxa.elicit import ELICITATIONS, ElicitationSettings
from doxa.prompt import Condition, render
from doxa.questionnaire import QuestionBank

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

LANGUAGES = ("en", "ja", "es")
HEADER = "| weights | language | items | labels | mean difference | largest | s an item |"


def asked(language: str, items: int) -> list[Request]:
    """Return the requests for the options of some items, without examples."""
    bank, condition = QuestionBank.load(), Condition(language, n_examples=0)
    return [
        ELICITATIONS["logprobs"].request(
            render(item, condition, bank=bank), ElicitationSettings(), 0, 0
        )
        for item in list(bank.items)[:: max(1, len(bank.items) // items)][:items]
    ]


def differences(model: Path, requests: Sequence[Request]) -> tuple[np.ndarray, float, float]:
    """Return the difference of each label's probability, and the seconds on either side."""
    local = load(model)
    start = time.perf_counter()
    ours = dict(local.ask(requests))
    here = time.perf_counter() - start
    local.close()
    with serving(model) as address:
        remote = load("model", backend="openai_server", server=address)
        assert remote.card.template == local.card.template
        start = time.perf_counter()
        theirs = dict(remote.ask(requests))
        there = time.perf_counter() - start
        remote.close()
    found = []
    for request in requests:
        pair = (ours[request].log_probabilities, theirs[request].log_probabilities)
        assert len(pair[0]) == len(pair[1]) == len(request.choices), theirs[request].text
        found += [math.exp(a) - math.exp(b) for a, b in zip(*pair, strict=True)]
    return np.abs(found), here, there


def unpacked(model: Path, folder: Path, kind: str) -> Path:
    """Write a model with weights of single or half precision."""
    library = load_library()
    wanted = library.llama_model_quantize_default_params()
    wanted.ftype = {"F32": library.LLAMA_FTYPE_ALL_F32, "F16": library.LLAMA_FTYPE_MOSTLY_F16}[kind]
    wanted.allow_requantize = True
    file = folder / f"{kind}.gguf"
    failed = library.llama_model_quantize(
        os.fsencode(model), os.fsencode(file), ctypes.byref(wanted)
    )
    assert not failed
    return file


def table(model: Path, kinds: Sequence[str], items: int) -> Iterator[str]:
    """Yield the lines of a table in Markdown: by weights and language, how far the two differ."""
    yield HEADER
    yield "|---|---|---|---|---|---|---|"
    with tempfile.TemporaryDirectory() as folder:
        for kind in kinds:
            file = model if kind in model.name else unpacked(model, Path(folder), kind)
            for language in LANGUAGES:
                requests = asked(language, items)
                found, here, there = differences(file, requests)
                yield (
                    f"| {kind} | {language} | {len(requests)} | {found.size} | {found.mean():.1e} "
                    f"| {found.max():.1e} | {there / len(requests):.2f} behind the server, "
                    f"{here / len(requests):.2f} in process |"
                )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("model", nargs="?")
    parser.add_argument("--items", type=int, default=144)
    parser.add_argument("--kinds", default="F32,F16,Q4_0")
    options = parser.parse_args()
    chosen = Path(options.model) if options.model else demo_model()
    for line in table(chosen, options.kinds.split(","), options.items):
        print(line, flush=True)

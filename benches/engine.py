"""Time the asking engine beside a plain loop over llama-cpp-python's chat completions.

    python benches/engine.py [MODEL.gguf] [--part NAME]

The prompts are those that `doxa ask` sends by default, in English. Each measurement runs in its own
process, which reports its time and its peak memory; contestants take turns. The plain loop is timed
on a few items, in two ways: with the library's cache (the tokens that a prompt shares with the one
before it stay), and with an empty cache for each prompt. The library gives log-probabilities only
with `logits_all`, which computes the logits of every token. The parts ``agreement`` and ``server``
print the tables of `agreement.py` and `server_agreement.py`, which take an hour or more on few
cores; they are printed only if named.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import astuple, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import server_agreement
from agreement import TABLES, print_table
from kept import Table, keep
from race import Timing, table

from doxa.backend import Request, Turn
from doxa.backend.library import load_library
from doxa.backend.llama_cpp import LlamaCpp
from doxa.backend.loaded import LoadedModel
from doxa.backend.template import ChatTemplate
from doxa.demo import demo_model
from doxa.elicit import ELICITATIONS, ElicitationSettings
from doxa.outside.processor import cores
from doxa.prompt import Condition, render
from doxa.questionnaire import QuestionBank

if TYPE_CHECKING:
    from collections.abc import Callable

    from doxa.backend import Answer, Request
    from doxa.prompt import Prompt

ITEMS = 24
PLAIN_ITEMS = 6
ROUNDS = 3
PARALLEL = (1, 4, 16)
CONDITION = Condition("en")
CONTEXT = 512
READ = {"logprobs": ["logprobs"], "verbalized": ["verbalized"], "both": ["logprobs", "verbalized"]}
"""What is asked of each item, by what a run elicits."""
WORDS = {"logprobs": "log-probabilities", "verbalized": "percentages", "both": "both in one run"}


def prompts(items: int) -> list[Prompt]:
    """Return the prompts of some items, spread over the questionnaire."""
    bank = QuestionBank.load()
    return [render(item, CONDITION, bank=bank) for item in bank.spread(items)]


def asked(read: str, items: int) -> list[Request]:
    """Return what a run asks about some items, in its order."""
    settings = ElicitationSettings()
    return [
        ELICITATIONS[elicitation].ask(prompt, settings, 0, 0)
        for prompt in prompts(items)
        for elicitation in READ[read]
    ]


def memory(name: str) -> int:
    """Return an entry of the process's memory status, in bytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    [line] = [line for line in lines if line.startswith(name)]
    return int(line.split()[1]) * 1024


class Clock:
    """Wall time, and the processor time of all threads of this process."""

    def __init__(self) -> None:
        self._start = time.perf_counter(), time.process_time()

    def read(self) -> dict[str, float]:
        wall, processor = self._start
        return {
            "seconds": time.perf_counter() - wall,
            "processor": time.process_time() - processor,
        }


def doxa(model: str, read: str, parallel: int, items: int) -> dict[str, Any]:
    """Ask a model that is loaded into this process, to see the memory that it takes."""
    load_library()
    before = memory("VmRSS")
    with LoadedModel(
        Path(model),
        name=model,
        threads=cores(),
        gpu_layers=None,
        parallel=parallel,
        context_length=None,
    ) as loaded:
        template = ChatTemplate(loaded.chat_template, loaded.bos, loaded.eos)
        requests = [
            replace(request, turn=Turn(*template.render(*astuple(request.turn))))
            for request in asked(read, items)
        ]
        load = loaded.prepare(requests)
        clock = Clock()
        answers = [
            answer
            for start in range(0, len(requests), parallel)
            for answer in loaded.answer(requests[start : start + parallel])
        ]
        took = clock.read()
    return {
        "items": items,
        **took,
        "memory": memory("VmHWM") - before,
        "file": Path(model).stat().st_size,
        "shared": load.shared_tokens,
        "own": (load.evaluated_tokens - load.shared_tokens) / items,
        "scores": [scores(answer) for answer in answers],
    }


def child(model: str, read: str, parallel: int, items: int) -> dict[str, Any]:
    """Ask a model as a run does, in a process of its own; the time includes all of that process."""
    requests = asked(read, items)
    clock, before = Clock(), resource.getrusage(resource.RUSAGE_CHILDREN)
    with LlamaCpp(model, parallel=parallel) as backend:
        backend.prepare(requests)
        start = time.perf_counter()
        answers = dict(backend.ask(requests))
        seconds = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {
        "items": items,
        "seconds": seconds,
        "processor": clock.read()["processor"] + processor,
        "scores": [scores(answers[request]) for request in requests],
    }


def scores(answer: Answer) -> list[float]:
    if answer.log_probabilities:
        return [math.exp(score) for score in answer.log_probabilities]
    return [share / 100 for share in json.loads(answer.text).values()]


def plain(model: str, elicitation: str, keep: int, items: int) -> dict[str, Any]:
    library = load_library()
    scored = elicitation == "logprobs"
    threads = cores()
    llama = library.Llama(
        model, n_ctx=CONTEXT, logits_all=scored, n_threads=threads, n_threads_batch=threads,
        verbose=False,
    )  # fmt: skip
    options = {"max_tokens": 1, "logprobs": True, "top_logprobs": 10} if scored else {}
    chosen = prompts(items)
    clock = Clock()
    for prompt in chosen:
        if not keep:
            llama.reset()
        llama.create_chat_completion(
            prompt.messages(elicitation), temperature=0.0, **(options or {"max_tokens": 64})
        )
    return {"items": len(chosen), **clock.read()}


def measure(model: str, what: str, read: str, number: int, items: int) -> dict[str, Any]:
    command = [sys.executable, __file__, model, "--measure", what, read, str(number), str(items)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def in_turns(measures: dict[str, Callable[[], dict[str, Any]]]) -> dict[str, dict[str, Any]]:
    """Measure each in turn, round after round; return the last of each, with its median times."""
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in measures}
    for _ in range(ROUNDS):
        for name, run in measures.items():
            found[name].append(run())
    return {
        name: each[-1] | {
            clock: statistics.median(one[clock] for one in each)
            for clock in ("seconds", "processor")
        }
        for name, each in found.items()
    }  # fmt: skip


def ms(result: dict[str, Any], clock: str) -> float:
    """Return the milliseconds of an item."""
    return 1000 * float(result[clock]) / float(result["items"])


def loops(model: str, elicitation: str) -> None:
    """Compare one elicitation with the plain loop."""
    results = in_turns(
        {
            "doxa": lambda: measure(model, "doxa", elicitation, 1, ITEMS),
            "plain loop, cache kept": lambda: measure(model, "plain", elicitation, 1, PLAIN_ITEMS),
            "plain loop, cache emptied": lambda: measure(
                model, "plain", elicitation, 0, PLAIN_ITEMS
            ),
        }
    )
    workload = f"{elicitation}, an item"
    timings = [Timing(workload, name, ms(one, "seconds"), ROUNDS) for name, one in results.items()]
    print(table(timings))
    found = results["doxa"]
    print(
        f"  peak memory {found['memory'] / 1e6:.0f} MB over the start, "
        f"{found['memory'] / found['file']:.2f} × model file ({found['file'] / 1e6:.0f} MB)"
    )
    keep("engine", timings=timings)


def tokens(model: str) -> None:
    """Show what an item's own tokens cost, alone and where two elicitations share the item."""
    results = in_turns({read: partial(measure, model, "doxa", read, 1, ITEMS) for read in READ})
    made = Table(
        "What an item costs",
        ["asked for", "own tokens of the prompt", "ms", "CPU ms", "CPU ms a token"],
        note=f"{results['both']['shared']} tokens are shared by all items. A reply's tokens are "
        "not counted among an item's own, and their time is.",
    )
    for read, found in results.items():
        cpu = ms(found, "processor")
        made.add(
            WORDS[read],
            f"{found['own']:.0f}",
            f"{ms(found, 'seconds'):.0f}",
            f"{cpu:.0f}",
            f"{cpu / found['own']:.2f}",
        )
    keep("engine", [made])


def parallel(model: str) -> None:
    """Show how prompts side by side change the time and the answers."""
    made = Table(
        "Side by side",
        ["asked for", "prompts", "ms an item", "CPU ms", "a share moves: most", "mean"],
    )
    for read in ("logprobs", "verbalized"):
        results = in_turns(
            {str(n): partial(measure, model, "doxa", read, n, ITEMS) for n in PARALLEL}
        )
        for number, found in results.items():
            pairs = zip(found["scores"], results["1"]["scores"], strict=True)
            moved = np.concatenate([np.abs(np.subtract(a, b)) for a, b in pairs])
            made.add(
                WORDS[read],
                number,
                f"{ms(found, 'seconds'):.0f}",
                f"{ms(found, 'processor'):.0f}",
                f"{moved.max():.4f}",
                f"{moved.mean():.5f}",
            )
    keep("engine", [made])


def process(model: str) -> None:
    """Show what the process of its own costs, its start included, and that no bit changes."""
    made = Table(
        "In a process of its own", ["asked for", "the model is in", "ms an item", "CPU ms"]
    )
    for read in ("logprobs", "verbalized"):
        results = in_turns(
            {
                "this process": partial(measure, model, "doxa", read, 1, ITEMS),
                "one of its own": partial(measure, model, "child", read, 1, ITEMS),
            }
        )
        here, there = results.values()
        assert there["scores"] == here["scores"]
        for where, found in results.items():
            wall, cpu = ms(found, "seconds"), ms(found, "processor")
            made.add(WORDS[read], where, f"{wall:.0f}", f"{cpu:.0f}")
    keep("engine", [made])


def agreement(model: str) -> None:
    """Compare the probabilities with those of other computations."""
    with tempfile.TemporaryDirectory() as folder:
        for table in TABLES:
            print_table(table, [Path(model)], Path(folder))


def server(model: str) -> None:
    """Compare the probabilities with those behind a real llama-server."""
    for line in server_agreement.table(Path(model), ("F32", "Q4_0"), 144):
        print(line, flush=True)


PARTS = {
    "logprobs": lambda model: loops(model, "logprobs"),
    "verbalized": lambda model: loops(model, "verbalized"),
    "tokens": tokens,
    "parallel": parallel,
    "process": process,
    "agreement": agreement,
    "server": server,
}
LONG = ("agreement", "server")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", nargs="?")
    parser.add_argument("--part", choices=PARTS, help="all but agreement and server by default")
    parser.add_argument("--measure", nargs=4, help=argparse.SUPPRESS)
    options = parser.parse_args()
    model = options.model or os.fspath(demo_model(small=True))
    if options.measure is None:
        print(f"{Path(model).name}, {cores()} cores")
        for name, part in PARTS.items():
            if options.part == name or (options.part is None and name not in LONG):
                part(model)
        return
    what, read, *numbers = options.measure
    run = {"doxa": doxa, "child": child, "plain": plain}[what]
    print(json.dumps(run(model, read, *map(int, numbers))))


if __name__ == "__main__":
    main()

"""Time the asking engine beside a plain loop over llama-cpp-python's chat completions.

    python benches/engine.py [MODEL.gguf] [--part NAME]

The prompts are like the study's: instruction and answered examples, about 1,000 tokens, then one of
the questionnaire's 144 items. Each measurement runs in its own process, which reports its time and
its peak memory. The plain loop is timed on the first few items, in two ways: with the library's
cache (the tokens that a prompt shares with the one before it stay), and with an empty cache for
each prompt. The library gives log-probabilities only with `logits_all`, which computes the logits
of every token. The parts ``agreement`` and ``server`` print the tables of `agreement.py` and
`server_agreement.py`, which take an hour or more on few cores; they are printed only if named.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import astuple, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import server_agreement
from agreement import TABLES, print_table

from doxa.backend import Request, Turn
from doxa.backend.library import load_library
from doxa.backend.llama_cpp import LlamaCpp
from doxa.backend.loaded import LoadedModel
from doxa.backend.template import ChatTemplate
from doxa.demo import demo_model
from doxa.outside.processor import cores
from doxa.prompt import Condition, examples_for, render
from doxa.questionnaire import QuestionBank

if TYPE_CHECKING:
    from doxa.backend import Answer, RequestKind
    from doxa.prompt import Prompt

ITEMS = 144
PLAIN_ITEMS = 5
PARALLEL_ITEMS = 48
PARALLEL = (1, 4, 16)
CONDITION = Condition("en", n_examples=8)
CONTEXT = 1536
ASKS = {
    "logprobs": "Reply with the number of one option.",
    "verbalized": "Reply with a JSON object that gives each option's number a percentage.",
}


def prompts() -> list[Prompt]:
    bank = QuestionBank.load()
    examples = examples_for(CONDITION, bank=bank)
    return [render(item, CONDITION, bank=bank, examples=examples) for item in bank.items]


def asked(elicitation: str) -> list[Request]:
    """Return a request for each item, with the whole instruction before the examples."""
    kind: RequestKind = "options" if elicitation == "logprobs" else "shares"
    return [Request(turn(prompt, elicitation), kind, prompt.labels) for prompt in prompts()]


def turn(prompt: Prompt, elicitation: str) -> Turn:
    start = prompt.reply_starts[elicitation]
    return Turn(f"{ASKS[elicitation]}\n\n{prompt.system}", prompt.user, "", start)


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


def doxa(model: str, elicitation: str, parallel: int, items: int) -> dict[str, Any]:
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
            for request in asked(elicitation)[:items]
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
        "items": len(requests),
        **took,
        "memory": memory("VmHWM") - before,
        "file": Path(model).stat().st_size,
        "shared": load.shared_tokens,
        "own": (load.evaluated_tokens - load.shared_tokens) / len(requests),
        "scores": [scores(elicitation, answer) for answer in answers],
    }


def child(model: str, elicitation: str, parallel: int, items: int) -> dict[str, Any]:
    """Ask a model as a run does, in a process of its own; the time includes all of that process."""
    requests = asked(elicitation)[:items]
    clock, before = Clock(), resource.getrusage(resource.RUSAGE_CHILDREN)
    with LlamaCpp(model, parallel=parallel) as backend:
        backend.prepare(requests)
        start = time.perf_counter()
        answers = dict(backend.ask(requests))
        seconds = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {
        "items": len(requests),
        "seconds": seconds,
        "processor": clock.read()["processor"] + processor,
        "scores": [scores(elicitation, answers[request]) for request in requests],
    }


def scores(elicitation: str, answer: Answer) -> list[float]:
    if elicitation == "logprobs":
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
    chosen = prompts()[:items]
    clock = Clock()
    for prompt in chosen:
        if not keep:
            llama.reset()
        parts = turn(prompt, elicitation)
        llama.create_chat_completion(
            [{"role": "system", "content": parts.system}, {"role": "user", "content": parts.user}],
            temperature=0.0,
            **(options or {"max_tokens": 64}),
        )
    return {"items": len(chosen), **clock.read()}


def measure(model: str, what: str, elicitation: str, number: int, items: int) -> dict[str, Any]:
    command = [sys.executable, __file__, model, "--measure", what, elicitation]
    command += [str(number), str(items)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def each(result: dict[str, Any]) -> tuple[float, float]:
    return result["seconds"] / result["items"], result["processor"] / result["items"]


def loops(model: str, elicitation: str) -> None:
    """Compare one elicitation with the plain loop."""
    print("elicitation  how                        wall s  CPU s an item   times the plain loop")
    results = {
        "plain loop, cache emptied": measure(model, "plain", elicitation, 0, PLAIN_ITEMS),
        "plain loop, cache kept": measure(model, "plain", elicitation, 1, PLAIN_ITEMS),
        "doxa": measure(model, "doxa", elicitation, 1, ITEMS),
    }
    base, found = each(results["plain loop, cache emptied"]), results["doxa"]
    for how, result in results.items():
        wall, processor = each(result)
        print(
            f"{elicitation:11s}  {how:25s}  {wall:6.3f} {processor:6.3f}"
            f"   {base[0] / wall:6.1f} {base[1] / processor:6.1f}"
        )
    print(f"{'':11s}  {found['shared']} shared tokens, {found['own']:.0f} to an item")
    print(
        f"{'':11s}  peak memory {found['memory'] / 1e6:.0f} MB over the start, "
        f"{found['memory'] / found['file']:.2f} × model file ({found['file'] / 1e6:.0f} MB)\n"
    )


def parallel(model: str) -> None:
    """Show how prompts side by side change the time and the answers."""
    print("elicitation  side by side  wall s  CPU s an item   change of a share: largest, mean")
    for elicitation in ASKS:
        base = None
        for number in PARALLEL:
            found = measure(model, "doxa", elicitation, number, PARALLEL_ITEMS)
            base = base or found
            pairs = zip(found["scores"], base["scores"], strict=True)
            moved = np.concatenate([np.abs(np.subtract(a, b)) for a, b in pairs])
            print(
                f"{elicitation:11s}  {number:12d}  {each(found)[0]:6.3f} {each(found)[1]:6.3f}"
                f"   {moved.max():.4f}, {moved.mean():.5f}"
            )


def process(model: str) -> None:
    """Show what the process of its own costs, its start included, and that no bit changes."""
    print("elicitation  where the model is      wall s  CPU s an item")
    for elicitation in ASKS:
        here = measure(model, "doxa", elicitation, 1, PARALLEL_ITEMS)
        there = measure(model, "child", elicitation, 1, PARALLEL_ITEMS)
        assert there["scores"] == here["scores"]
        for where, found in {"this process": here, "a process of its own": there}.items():
            wall, processor = each(found)
            print(f"{elicitation:11s}  {where:20s}  {wall:8.4f} {processor:8.4f}")


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
    what, elicitation, *numbers = options.measure
    print(
        json.dumps(
            {"doxa": doxa, "child": child, "plain": plain}[what](
                model, elicitation, *map(int, numbers)
            )
        )
    )


if __name__ == "__main__":
    main()

"""How far the numbers that come by way of Inspect and lm-evaluation-harness are from doxa's own.

    python benches/interop.py [MODEL.gguf] [--items N]

One model behind a server on loopback, asked by all three: N items, four conditions in two
languages, three elicitations. Its probabilities are the model's, each computed once. What it writes
is made up: the k-th reply to a prompt is the same for whoever asks, and one in five is no answer.
So what differs is what was asked and how the answer was read.
"""

from __future__ import annotations

import argparse
import http.server
import itertools
import json
import re
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2
import llama_cpp
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from harness.programs import run

from doxa.backend import Engine
from doxa.demo import demo_model
from doxa.harness import write_tasks
from doxa.questionnaire import QuestionBank
from doxa.recorded import read_recording
from doxa.run import Experiment, ask
from doxa.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import polars as pl

DRAWS = 3
TAIL = 4
"""The most tokens of a label and what may merge with it."""
FORMS = ("chat", "begun", "base")
ELICITATIONS = ("logprobs", "verbalized", "sampling")
WAY = ["question", "language", "steering", "option_order"]
BANK = QuestionBank.load()


class Model:
    """A model file, and what it was asked so far."""

    def __init__(self, path: str) -> None:
        self.llama = llama_cpp.Llama(
            path, n_ctx=2048, verbose=False, n_threads=1, n_threads_batch=1
        )
        self.template = self.llama.metadata["tokenizer.chat_template"]
        self.end = self.llama.token_eos()
        self.known: dict[object, Any] = {}
        self.lock = threading.Lock()

    def tokens(self, text: str) -> list[int]:
        return self.llama.tokenize(text.encode(), add_bos=False, special=True)

    def text(self, tokens: Sequence[int]) -> str:
        return self.llama.detokenize(list(tokens), special=True).decode("utf-8", "replace")

    def rendered(self, messages: Sequence[dict[str, str]]) -> str:
        """Fill the template; a last message of the assistant is gone on with."""
        begun = messages[-1]["content"] if messages[-1]["role"] == "assistant" else ""
        turns = messages[:-1] if begun else messages
        template = jinja2.Environment().from_string(self.template)
        return template.render(messages=turns, add_generation_prompt=True) + begun

    def logs(self, tokens: Sequence[int]) -> np.ndarray:
        """Return the log-probabilities of all tokens after some, shape (n_vocab,)."""
        held = self.llama.input_ids[: self.llama.n_tokens].tolist()
        same = itertools.takewhile(lambda pair: pair[0] == pair[1], zip(held, tokens, strict=False))
        self.llama.n_tokens = min(sum(1 for _ in same), len(tokens) - 1)
        self.llama.eval(list(tokens[self.llama.n_tokens :]))
        found = llama_cpp.llama_get_logits_ith(self.llama.ctx, -1)
        row = np.ctypeslib.as_array(found, shape=(self.llama.n_vocab(),)).astype(np.float64)
        return row - row.max() - np.log(np.exp(row - row.max()).sum())

    def echo(self, tokens: Sequence[int]) -> dict[str, Any]:
        """Return a prompt, and the log-probabilities of its last tokens; nobody reads others."""
        values = [-1.0] * (len(tokens) - 1)
        for place in range(max(1, len(tokens) - TAIL), len(tokens)):
            values[place - 1] = float(self.logs(tokens[:place])[tokens[place]])
        texts = [self.text([token]) for token in tokens]
        told = [None, *({text: value} for text, value in zip(texts[1:], values, strict=True))]
        return {
            "tokens": [*texts, "."],
            "token_logprobs": [None, *values, -1.0],
            "top_logprobs": [*told, {".": -1.0}],
            "text_offset": [0] * (len(tokens) + 1),
        }

    def likeliest(self, tokens: Sequence[int]) -> list[tuple[str, float]]:
        """Return the likeliest next tokens with their log-probabilities."""
        row = self.logs(tokens)
        order = np.argsort(-row, kind="stable")[:20]
        return [(self.text([int(token)]), float(row[token])) for token in order]


def scripted(prompt: str, draw: int) -> str:
    """Return the k-th reply to a prompt: an answer, or one time in five something else."""
    labels = re.findall(r"^([A-Z])[:：]", prompt, re.MULTILINE)
    stream = np.random.default_rng([draw, *prompt.encode()])
    odd = stream.random() < 0.2
    if "{" not in prompt:
        return str(stream.choice(["I would rather not say.", "A or B", "7"] if odd else labels))
    shares = stream.multinomial(99 if odd else 100, stream.dirichlet(np.ones(len(labels))))
    told = ", ".join(f'"{label}": {share}' for label, share in zip(labels, shares, strict=True))
    begun = prompt.rstrip().endswith("{")
    told = told[:-9] if odd and stream.random() < 0.5 else f"{told}}}"
    return told + "\n\nQuestion: and so on" if begun else f"So: {{{told}"


class Served:
    """A server of a model: of a chat alone, of a chat and its parts, or of a base model."""

    def __init__(self, model: Model, form: str) -> None:
        self.model, self.form = model, form
        self.drawn: Counter[object] = Counter()
        self.paths = {"/v1/models": self.models}
        if form != "base":
            self.paths["/v1/chat/completions"] = self.chat
        if form != "chat":
            self.paths |= {
                "/v1/completions": self.complete,
                "/version": lambda _: {"version": "0.12.0"},
                "/tokenize": self.tokenize,
                "/detokenize": lambda asked: {"prompt": model.text(asked["tokens"])},
                "/tokenizer_info": lambda _: {
                    "chat_template": model.template, "eos_token": model.text([model.end]),
                },
            }  # fmt: skip

    def models(self, _: dict[str, Any]) -> dict[str, Any]:
        return {"object": "list", "data": [{"id": "m", "object": "model", "owned_by": "vllm"}]}

    def tokenize(self, asked: dict[str, Any]) -> dict[str, Any]:
        if "messages" in asked and self.form == "base":
            raise ValueError("no chat template")
        text = self.model.rendered(asked["messages"]) if "messages" in asked else asked["prompt"]
        return {"tokens": self.model.tokens(text)}

    def chat(self, asked: dict[str, Any]) -> dict[str, Any]:
        tokens = self.model.tokens(self.model.rendered(asked["messages"]))
        text, finish, first = self.written(tokens, asked)
        told = [{"token": token, "logprob": log, "bytes": None} for token, log in first]
        logs = {"content": [{**told[0], "top_logprobs": told}]} if told else None
        message = {"role": "assistant", "content": text}
        return self.body(
            tokens, "chat.completion", [{"message": message, "logprobs": logs}], finish
        )

    def complete(self, asked: dict[str, Any]) -> dict[str, Any]:
        prompts = asked["prompt"]
        if isinstance(prompts, str) or (prompts and isinstance(prompts[0], int)):
            prompts = [prompts]
        choices = []
        for prompt in prompts:
            tokens = self.model.tokens(prompt) if isinstance(prompt, str) else prompt
            if asked.get("echo"):
                logs = self.once(
                    ("echo", tuple(tokens)), lambda tokens=tokens: self.model.echo(tokens)
                )
                choices.append({"text": "", "logprobs": logs})
                finish = "length"
                continue
            text, finish, first = self.written(tokens, asked)
            logs = None
            if first:
                logs = {
                    "tokens": [first[0][0]],
                    "token_logprobs": [first[0][1]],
                    "top_logprobs": [dict(first)],
                    "text_offset": [0],
                }
            choices.append({"text": text, "logprobs": logs})
        return self.body(tokens, "text_completion", choices, finish)

    def written(self, tokens: list[int], asked: dict[str, Any]) -> Any:
        """Return a text, why it ended, and the likeliest first tokens."""
        if asked.get("logprobs"):
            likeliest = self.once(tuple(tokens), lambda: self.model.likeliest(tokens))
            return likeliest[0][0], "length", likeliest
        prompt, draw = self.model.text(tokens), 0
        if asked.get("temperature", 1):
            draw = self.drawn[prompt] % DRAWS
            self.drawn[prompt] += 1
        text, finish = scripted(prompt, draw), "stop"
        stop = asked.get("stop") or []
        for end in [stop] if isinstance(stop, str) else stop:
            text = text.partition(end)[0]
        return text, finish, []

    def once(self, key: object, make: Any) -> Any:
        if key not in self.model.known:
            self.model.known[key] = make()
        return self.model.known[key]

    def body(
        self, tokens: list[int], kind: str, choices: list[dict[str, Any]], finish: str
    ) -> dict[str, Any]:
        usage = {"prompt_tokens": len(tokens), "completion_tokens": 1, "total_tokens": 0}
        filled = [
            {"index": index, "finish_reason": finish} | choice
            for index, choice in enumerate(choices)
        ]
        about = {"id": "1", "created": 0, "model": "m", "object": kind}
        return about | {"choices": filled, "usage": usage}


@contextmanager
def serving(model: Model, form: str) -> Iterator[str]:
    """Serve a model on loopback; yield the address."""
    served = Served(model, form)

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.answer({})

        def do_POST(self) -> None:
            self.answer(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

        def answer(self, asked: dict[str, Any]) -> None:
            offered = served.paths.get(self.path)
            try:
                if offered is None:
                    raise ValueError("not here")
                with model.lock:
                    status, body = 200, offered(asked)
            except ValueError as error:
                status, body = 404, {"error": {"message": str(error)}}
            sent = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        server.server_close()


def experiment(items: int) -> Experiment:
    backwards = {"option_order": "reversed", "label_style": "letters", "n_examples": 0}
    onwards = backwards | {"option_order": "listed"}
    persona = {"steering": "persona", "target": "JPN"}
    table = {
        "models": ["m"],
        "items": list(BANK.items)[:: len(BANK.items) // items][:items],
        "conditions": [
            {"language": "en"} | onwards,
            {"language": "en"} | persona | backwards,
            {"language": "ja"} | backwards,
            {"language": "ja"} | persona | onwards,
        ],
        "elicitations": list(ELICITATIONS),
        "settings": {"draws": DRAWS, "verbalized": "free"},
    }
    return Experiment.from_table(table, bank=BANK)


def by_doxa(asked: Experiment, address: str, folder: Path) -> pl.DataFrame:
    engine = Engine("openai_server", server=address, allow_bounds=True)
    ask(replace(asked, engine=engine), folder / "replies.sqlite", bank=BANK)
    with Store.read(folder / "replies.sqlite") as store:
        return store.replies()


def by_inspect(form: str, address: str, folder: Path) -> dict[str, pl.DataFrame]:
    kind = "openai-api-completions" if form == "base" else "openai-api"
    arguments = ["tasks/doxa_inspect.py", "--model", f"{kind}/loc/m", "-T", f"form={form}"]
    logs = ["--log-dir", f"inspect-{form}", "--display", "none", "--max-connections", "1"]
    run("inspect", folder, ["eval", *arguments, *logs], address=address, limit=7200)
    return {
        path.name.split("_")[1].removeprefix("doxa-"): read_recording(path, bank=BANK).replies
        for path in folder.glob(f"inspect-{form}/*.eval")
    }


def by_lm_eval(form: str, address: str, folder: Path) -> dict[str, pl.DataFrame]:
    fixed = ["--include_path", "tasks", "--log_samples", "--output_path", f"lm-{form}"]
    fixed += ["--apply_chat_template"] if form != "base" else []
    ends = {"chat": "_chat", "begun": "", "base": "_base"}
    asked = f"model=m,base_url={address}/completions,tokenizer_backend=remote"
    seed = ["--gen_kwargs", '{"seed": null}']
    runs = {
        "chat": ["local-chat-completions", f"model=m,base_url={address}/chat/completions"],
        "begun": ["served", asked],
        "base": ["local-completions", asked],
    }[form]
    model = ["--model", runs[0], "--model_args", runs[1], "--tasks", f"doxa{ends[form]}"]
    run("lm_eval", folder, [*fixed, *model, *seed], address=address, limit=7200)
    return {
        name: read_recording(path, bank=BANK).replies
        for name in ELICITATIONS
        for path in folder.glob(f"lm-{form}/*/samples_doxa_{name}{ends[form]}_2*.jsonl")
    }


def line(found: pl.DataFrame, own: pl.DataFrame, name: str) -> str:
    """Compare the replies of an elicitation: a line of the table."""
    columns = [*WAY, "status", "probabilities", "off_option_mass", "text", "lower"]
    pairs = []
    for frame in (own, found):
        rows = frame.filter(elicitation=name).select(columns).rows()
        pairs.append(sorted(rows, key=lambda row: (row[:4], row[7])))
    ours, theirs = pairs
    assert [row[:4] for row in ours] == [row[:4] for row in theirs]
    shares, masses, alike, compared = [0.0], [0.0], 0, 0
    for one, other in zip(ours, theirs, strict=True):
        alike += one[4] == other[4]
        if one[4] == other[4] == "ok":
            compared += 1
            shares += [abs(a - b) for a, b in zip(one[5], other[5], strict=True)]
            if one[6] is not None and other[6] is not None:
                masses.append(abs(one[6] - other[6]))
    bounded = sum(row[8] is not None for row in theirs)
    mass = f"{max(masses):.2g}" if name == "logprobs" else "–"
    return (
        f"{len(ours)} | {alike} | {compared} | {max(shares):.2g} | {mass} | "
        f"{bounded if name == 'logprobs' else '–'} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", nargs="?", type=Path)
    parser.add_argument("--items", type=int, default=20)
    given = parser.parse_args()
    path = given.model or demo_model(small=True)
    model, asked = Model(str(path)), experiment(given.items)
    print(
        "| sent | by way of | elicitation | replies | same status | compared | largest "
        "difference of a share | of off-option mass | within bounds |"
    )
    print("|---|---|---|---:|---:|---:|---:|---:|---:|")
    owned: dict[str, pl.DataFrame] = {}
    for form in FORMS:
        start = time.perf_counter()
        with tempfile.TemporaryDirectory() as made, serving(model, form) as address:
            folder = Path(made)
            write_tasks(folder / "tasks", asked, bank=BANK)
            own = owned[form] = by_doxa(asked, address, folder)
            for program, way in (("Inspect", by_inspect), ("lm-eval", by_lm_eval)):
                for name, found in sorted(way(form, address, folder).items()):
                    print(f"| {form} | {program} | {name} | {line(found, own, name)}", flush=True)
        print(f"{form}: {time.perf_counter() - start:.0f} s", file=sys.stderr)
    print(
        f"| chat, not begun | doxa | logprobs | {line(owned['chat'], owned['begun'], 'logprobs')}"
    )


if __name__ == "__main__":
    main()

"""Compare the probabilities of options that several computations give for one model.

    python benches/agreement.py [MODEL.gguf …] [--keep FOLDER]

Without a model, the demonstration's two. Every item is asked in three languages as a run asks it,
without examples; and some, spread evenly, in the first after five examples, which makes the prompts
longer than the window of Gemma 3. The computations are the functions in `COMPUTATIONS`.

The differences are those of an option's probability as the answer, not divided by the sum over the
options. A quantised model rounds what goes into each product of matrices, and for a few tokens
otherwise than for many. So the cut into pieces matters, and one table compares equal pieces.

It takes an hour on two cores. With ``--keep``, what is computed is kept in a folder, and the same
command goes on from there.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from dataclasses import astuple, replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from doxa.backend import Turn
from doxa.backend.decoder import BATCH
from doxa.backend.library import load_library
from doxa.backend.loaded import LoadedModel
from doxa.backend.template import ChatTemplate
from doxa.demo import demo_model
from doxa.elicit import ELICITATIONS, ElicitationSettings
from doxa.outside.processor import cores
from doxa.prompt import Condition, examples_for, render
from doxa.questionnaire import QuestionBank

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from doxa.backend import Request

LANGUAGES = ("en", "es", "ja")
ITEMS = 144
FEW = 24
LONG = 8
EXAMPLES = 5
CONTEXT = 2048

Scores = list[list[float]]
"""The probability of each option of each item."""


class Asked(NamedTuple):
    """What is asked: how many items, and after how many examples."""

    language: str
    items: int
    examples: int = 0


def asked(what: Asked) -> list[Request]:
    """Return a run's requests for the probabilities of options; fewer items are spread evenly."""
    language, items, examples_shown = what
    bank, condition = QuestionBank.load(), Condition(language, n_examples=examples_shown)
    chosen = list(bank.items)[:: max(1, len(bank.items) // items)][:items]
    examples = examples_for(condition, bank=bank)
    ask = ELICITATIONS["logprobs"].request
    return [
        ask(render(item, condition, bank=bank, examples=examples), ElicitationSettings(), 0, 0)
        for item in chosen
    ]


def opened(model: Path) -> LoadedModel:
    """Return a model in doxa's engine, in this process."""
    return LoadedModel(
        model, name=model.stem, threads=cores(), gpu_layers=0, parallel=1, context_length=None
    )


def spelled(model: LoadedModel, requests: Sequence[Request]) -> list[Request]:
    """Return requests with the exact text that a model reads, in its parts."""
    template = ChatTemplate(model.chat_template, model.bos, model.eos)
    return [replace(one, turn=Turn(*template.render(*astuple(one.turn)))) for one in requests]


def run(model: Path, what: Asked) -> Scores:
    """Compute as a run does: the part that all items share is evaluated once and copied."""
    with opened(model) as loaded:
        return _answers(loaded, spelled(loaded, asked(what)))


def whole(model: Path, what: Asked) -> Scores:
    """Compute with the same engine, but evaluate every prompt from its first token on."""
    with opened(model) as loaded:
        requests = spelled(loaded, asked(what))
        joined = [replace(one, turn=Turn("", "", "".join(astuple(one.turn)))) for one in requests]
        return _answers(loaded, joined)


def _answers(loaded: LoadedModel, requests: Sequence[Request]) -> Scores:
    loaded.prepare(requests)
    answers = [answer for request in requests for answer in loaded.answer([request])]
    return [np.exp(answer.log_probabilities).tolist() for answer in answers]


def independent(model: Path, what: Asked) -> Scores:
    """Compute with llama-cpp-python's `Llama`: whole prompts at once, sums in double precision.

    No code of doxa takes part but that which writes the prompts.
    """
    return _alone(model, what, in_pieces=False)


def pieces(model: Path, what: Asked) -> Scores:
    """Compute in the same way, but give it every prompt in the pieces that a run has."""
    return _alone(model, what, in_pieces=True)


def _alone(model: Path, what: Asked, *, in_pieces: bool) -> Scores:
    with opened(model) as loaded:
        requests, bos = spelled(loaded, asked(what)), loaded.bos
    alone = Independent(model, bos)
    return [alone.score(astuple(one.turn), one.choices, in_pieces=in_pieces) for one in requests]


class Independent:
    """A model in llama-cpp-python's own class; `bos` is the text of its first token."""

    def __init__(self, model: Path, bos: str) -> None:
        self._library = load_library()
        self._llama = self._library.Llama(
            str(model), n_ctx=CONTEXT, n_batch=CONTEXT, n_ubatch=CONTEXT, n_threads=cores(),
            n_threads_batch=cores(), verbose=False,
        )  # fmt: skip
        vocabulary = self._library.llama_model_get_vocab(self._llama.model)
        self._adds = bool(self._library.llama_vocab_get_add_bos(vocabulary))
        self._bos = bos

    def score(self, parts: Sequence[str], labels: Sequence[str], *, in_pieces: bool) -> list[float]:
        """Return the probability that a text goes on with a label and not with a longer one."""
        text = "".join(parts)
        prompt = self._tokens(text.rstrip(" "))
        spelled = [self._tokens(text + label) for label in labels]
        start = min(_common(prompt, tokens) for tokens in spelled)
        shortest = min(spelled, key=len)
        alike = min(_common(shortest[:-1], tokens) for tokens in spelled)
        after: dict[tuple[int, ...], NDArray[np.float64]] = {}
        self._llama.reset()
        if in_pieces:
            whole = shortest[:alike]
            ends = [_common(self._tokens("".join(parts[:number])), whole) for number in (1, 2)]
            for first, end in pairwise((0, *ends, alike)):
                for place in range(first, end, BATCH):
                    rows = self._piece(whole[place : min(place + BATCH, end)])
                    after |= {tuple(whole[: place + at + 1]): row for at, row in rows.items()}
            after = {before: row for before, row in after.items() if len(before) >= start}
        begins = []
        for tokens in spelled:
            logarithm = 0.0
            for place in range(start, len(tokens)):
                before = tuple(tokens[:place])
                if before not in after:
                    after[before] = self._after(before)
                logarithm += after[before][tokens[place]]
            begins.append(float(np.exp(logarithm)))
        return [
            mine
            - sum(
                other
                for other, longer in zip(begins, spelled, strict=True)
                if len(longer) > len(tokens) and longer[: len(tokens)] == tokens
            )
            for mine, tokens in zip(begins, spelled, strict=True)
        ]

    def _piece(self, tokens: Sequence[int]) -> dict[int, NDArray[np.float64]]:
        """Evaluate tokens together, and return what follows each of the last two."""
        llama = self._llama
        llama._ctx.kv_cache_seq_rm(-1, llama.n_tokens, -1)
        llama._batch.set_batch(batch=tokens, n_past=llama.n_tokens, logits_all=False)
        wanted = range(max(0, len(tokens) - 2), len(tokens))
        for at in wanted:
            llama._batch.batch.logits[at] = True
        llama._ctx.decode(llama._batch)
        llama.input_ids[llama.n_tokens : llama.n_tokens + len(tokens)] = tokens
        llama.n_tokens += len(tokens)
        return {at: self._logarithms(at) for at in wanted}

    def _logarithms(self, at: int) -> NDArray[np.float64]:
        pointer = self._library.llama_get_logits_ith(self._llama.ctx, at)
        logits = np.ctypeslib.as_array(pointer, (self._llama.n_vocab(),)).astype(np.float64)
        logits -= logits.max()
        logits -= np.log(np.exp(logits).sum())
        return logits

    def _after(self, tokens: Sequence[int]) -> NDArray[np.float64]:
        """Return the log-probabilities of the token after others; what is evaluated stays."""
        held = self._llama.input_ids[: self._llama.n_tokens].tolist()
        if list(tokens[: len(held)]) != held:
            self._llama.reset()
            held = []
        self._llama.eval(tokens[len(held) :])
        return self._logarithms(-1)

    def _tokens(self, text: str) -> list[int]:
        begun = bool(self._bos) and text.startswith(self._bos)
        tokens: list[int] = self._llama.tokenize(
            text.encode(), add_bos=self._adds and not begun, special=True
        )
        return tokens


def _common(left: Sequence[int], right: Sequence[int]) -> int:
    pairs = enumerate(zip(left, right, strict=False))
    return next((place for place, (a, b) in pairs if a != b), min(len(left), len(right)))


COMPUTATIONS: dict[str, Callable[[Path, Asked], Scores]] = {
    "run": run,
    "whole": whole,
    "independent": independent,
    "pieces": pieces,
}
"""The computations by name. Each gives the probabilities of what is asked."""


class Table(NamedTuple):
    """A table: two computations, and how many items are asked without examples."""

    title: str
    left: str
    right: str
    items: int


TABLES = (
    Table("In a run, and independently", "run", "independent", ITEMS),
    Table("In a run, and independently in the same pieces", "run", "pieces", FEW),
    Table("In a run, and with whole prompts", "run", "whole", FEW),
)


def computed(name: str, model: Path, what: Asked, keep: Path) -> Scores:
    """Return what a computation gives; keep it, and take what is kept."""
    file = keep / f"{model.stem}-{'-'.join(map(str, what))}-{name}.json"
    if not file.is_file():
        file.write_text(json.dumps(COMPUTATIONS[name](model, what)))
    scores: Scores = json.loads(file.read_text())
    return scores


def row(model: Path, what: Asked, table: Table, keep: Path) -> str:
    """Return a row of a table: how far two computations are apart."""
    left, right = (computed(name, model, what, keep) for name in (table.left, table.right))
    apart = np.concatenate(
        [np.abs(np.subtract(one, other)) for one, other in zip(left, right, strict=True)]
    )
    return (
        f"| {model.stem} | {what.language} | {what.items} | {what.examples} | {len(apart)} "
        f"| {apart.max():.1e} | {np.median(apart):.1e} |"
    )


def print_table(table: Table, models: Sequence[Path], keep: Path) -> None:
    """Print a table in Markdown."""
    print(f"\n### {table.title}\n")
    print("| model | language | items | examples | options | largest difference | median |")
    print("|---|---|---|---|---|---|---|")
    rows = [Asked(language, table.items) for language in LANGUAGES]
    for model in models:
        for what in (*rows, Asked(LANGUAGES[0], LONG, EXAMPLES)):
            print(row(model, what, table, keep), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", nargs="*", type=Path)
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args()
    models = options.models or [demo_model(small=True), demo_model()]
    with tempfile.TemporaryDirectory() as folder:
        keep = options.keep or Path(folder)
        keep.mkdir(parents=True, exist_ok=True)
        for table in TABLES:
            print_table(table, models, keep)


if __name__ == "__main__":
    main()

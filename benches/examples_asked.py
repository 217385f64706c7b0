"""Settings of `benches/examples.py`, and asking a model's items under one of them."""

from __future__ import annotations

import json
import resource
from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple

from doxa.backend import load
from doxa.elicit import ELICITATIONS, ElicitationSettings
from doxa.prompt import (
    FORMAT_SEED,
    Condition,
    choose_examples,
    excluded_items,
    format_examples,
    render,
)
from doxa.prompt.texts import texts
from doxa.questionnaire import QuestionBank
from doxa.survey import world

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from doxa.prompt import Example, Prompt

ITEMS = 24
MOST = 5
ORDERS = ("listed", "reversed")
READ = ("logprobs", "verbalized")
COUNTRIES = ("USA", "MEX", "RUS", "JPN", "NGA")
TARGETS = ("JPN", "NGA")
BANK = QuestionBank.load()
HUMAN = world(7)


class Cell(NamedTuple):
    """What is asked at once: the items under one setting, in one order."""

    model: str
    language: str
    setting: str
    order: str
    target: str = ""


# ---- settings: each makes the prompt of an item --------------------------------------------------


def _condition(cell: Cell, n: int) -> Condition:
    steering = "few-shot" if cell.target and n else "none"
    target = cell.target if n else ""
    return Condition(cell.language, steering, target, option_order=cell.order, n_examples=n)


def _form(n: int, seed: int = 0) -> Callable[[str, Cell], Prompt]:
    """Show n examples of the form that the elicitation asks for, with the answers of a seed."""

    def prompt(item: str, cell: Cell) -> Prompt:
        shown = format_examples(BANK, n, seed=FORMAT_SEED + seed)
        return render(item, _condition(cell, n), bank=BANK, examples=shown)

    return prompt


def _as_shares(item: str, cell: Cell) -> Prompt:
    """Show five objects of percentages whatever is asked for."""
    prompt = _form(MOST)(item, cell)
    return replace(prompt, openings=dict.fromkeys(prompt.asks, prompt.opening("verbalized")))


def _people(
    write: Callable[[Example, Mapping[int, str]], str] | None,
) -> Callable[[str, Cell], Prompt]:
    """Show people's answers, each written by a function as a reply; None: in the options' lines."""

    def prompt(item: str, cell: Cell) -> Prompt:
        chosen = choose_examples(HUMAN, BANK, country=cell.target, wave=7, n=MOST)
        shown = render(item, _condition(cell, MOST), bank=BANK, examples=chosen)
        if write is None:
            return shown
        start, blocks = shown.system.split("\n\n")[:2], []
        for example in chosen:
            plain = render(example.item, _condition(cell, 0), bank=BANK)
            label_of = dict(zip(plain.codes, plain.labels, strict=True))
            answer = texts(BANK, cell.language).answer + write(example, label_of)
            blocks.append(f"{plain.user}\n{answer}")
        return replace(shown, system="\n\n".join((*start, *blocks)))

    return prompt


def _as_object(example: Example, label_of: Mapping[int, str]) -> str:
    whole = example.percentages()
    return json.dumps({label: whole[code] for code, label in label_of.items()})


def _most(example: Example, label_of: Mapping[int, str]) -> str:
    return label_of[max(zip(example.shares, example.codes, strict=True))[1]]


def _drawn(example: Example, label_of: Mapping[int, str]) -> str:
    return label_of[example.answers(1)[0]]


SETTINGS: dict[str, dict[str, Callable[[str, Cell], Prompt]]] = {
    "number": {"none": _form(0), "one": _form(1), "five": _form(MOST)},
    "draws": {"five, drawn anew": _form(MOST, 1), "five, and again": _form(MOST, 2)},
    "shares": {"five, always percentages": _as_shares},
    "people": {
        "in the options' lines": _people(None),
        "as percentages": _people(_as_object),
        "the commonest answer": _people(_most),
        "an answer drawn": _people(_drawn),
    },
    "free": {
        "free, none": _form(0),
        "free, one": _form(1),
        "free, five": _form(MOST),
    },
}
LABELS_ONLY = ("five, always percentages", "the commonest answer", "an answer drawn")
"""Settings that are not asked for percentages."""
FREE_ITEMS = 12


# ---- asking --------------------------------------------------------------------------------------


def items() -> tuple[str, ...]:
    """Return the items asked: spread over the topics, none of them an example anywhere."""
    shown = excluded_items(
        [Condition("en", n_examples=MOST)]
        + [Condition("en", "few-shot", target, n_examples=MOST) for target in TARGETS],
        bank=BANK, human=HUMAN,
    )  # fmt: skip
    asked = {
        item.id for item in BANK.items.values() if not item.scale.off_scale and item.id not in shown
    }
    for country in COUNTRIES:
        asked &= set(HUMAN.filter(country=country)["question"])
    return BANK.spread(ITEMS, among=asked)


def cells(part: str, models: Sequence[str], languages: Sequence[str]) -> Iterator[Cell]:
    targets = TARGETS if part == "people" else ("",)
    orders = ORDERS[:1] if part == "free" else ORDERS
    for cell in product(models, languages, SETTINGS[part], orders, targets):
        yield Cell(*cell)


def ask(path: Path, cell: Cell, write: Callable[[str, Cell], Prompt]) -> dict[str, Any]:
    """Ask a cell's items as a run does, and return the answers and what they took."""
    asked, ways = items(), dict.fromkeys(READ, ElicitationSettings())
    if cell.setting in SETTINGS["free"]:
        asked = asked[:: ITEMS // FREE_ITEMS]
        ways = {"verbalized": ElicitationSettings(verbalized="free", max_tokens=96)}
    elif cell.setting in LABELS_ONLY:
        del ways["verbalized"]
    prompts = [write(item, cell) for item in asked]
    each = {
        name: [ELICITATIONS[name].ask(prompt, settings, 0, 0) for prompt in prompts]
        for name, settings in ways.items()
    }
    by_item = [request for together in zip(*each.values(), strict=True) for request in together]
    # what is shared is evaluated once
    requests = sorted(by_item, key=lambda request: request.turn.system)
    before = _seconds()
    with load(path, threads=1) as backend:
        tokens = backend.prepare(requests).evaluated_tokens
        answers = dict(backend.ask(requests))
    found: dict[str, Any] = {"seconds": _seconds() - before, "tokens": tokens}
    for name in ways:
        found[name] = []
        for prompt, request in zip(prompts, each[name], strict=True):
            reading = ELICITATIONS[name].read(prompt, answers[request])
            codes = BANK.items[prompt.question].scale.codes
            shares = [reading.probabilities[code] for code in codes if reading.probabilities]
            found[name].append(
                {"status": reading.status, "shares": shares, "off": reading.off_option_mass}
            )
    return found


def _seconds() -> float:
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime

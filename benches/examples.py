"""Measure what examples in prompts do to a model's answers, and which form of them to show.

    python benches/examples.py FOLDER [MODEL.gguf …] [--part number draws people …]
        [--languages en es ru] [--tables]

Without a model, the demonstration's two. Its parts:

`number`  no example of the form of a reply, one, and five
`draws`   five whose made-up answers were drawn anew, twice
`shares`  five that show percentages, whatever is asked for
`people`  people's answers to five items: in the options' lines, or as replies of some form
`free`    percentages from replies that nothing holds to a form, with none, one and five

The same items are asked in each setting, in both orders of their options, for the probabilities of
options and for percentages. What is computed is kept in the folder, and the same command goes on
from there; ``--tables`` prints what is there. The tables are Markdown, for
docs/explanation/examples.md. Seconds are of processor time, with one thread, loading included.
"""

from __future__ import annotations

import argparse
import json
import math
import resource
from dataclasses import replace
from itertools import combinations, product
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from doxa.backend import load
from doxa.demo import demo_model
from doxa.distribution import human_distributions
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
from doxa.score import score_batch
from doxa.survey import world

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from doxa.prompt import Example, Prompt

    Array = NDArray[np.float64]

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
    return replace(prompt, examples=dict.fromkeys(prompt.asks, prompt.examples["verbalized"]))


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


# ---- tables --------------------------------------------------------------------------------------

Found = dict[Cell, dict[str, Any]]


def human() -> dict[str, list[Array]]:
    """Return each country's answers to the items."""
    frame = human_distributions(HUMAN, BANK)
    found = {}
    for country in COUNTRIES:
        rows = frame.filter(country=country)
        shares = dict(zip(rows["question"], rows["probabilities"].to_list(), strict=True))
        found[country] = [np.array(shares[item]) for item in items()]
    return found


def shares(found: Found, cell: Cell, name: str) -> list[Array] | None:
    """Return the answers of a cell; for the order "both" their mean. None where any is missing."""
    if cell.order == "both":
        each = [shares(found, cell._replace(order=order), name) for order in ORDERS]
        if each[0] is None or each[1] is None:
            return None
        return [(a + b) / 2 for a, b in zip(*each, strict=True)]
    rows = found.get(cell, {}).get(name, {}).get("read")
    return rows and [np.array(row["shares"]) for row in rows]


def apart(first: Sequence[Array], second: Sequence[Array]) -> float:
    """Return the mean total variation."""
    return float(np.mean([np.abs(a - b).sum() / 2 for a, b in zip(first, second, strict=True)]))


def spread(answers: Sequence[Array]) -> float:
    """Return the mean entropy, as a share of the largest."""
    each = [-sum(p * math.log(p) for p in one if p > 0) / math.log(len(one)) for one in answers]
    return float(np.mean(each))


def aligned(
    groups: Mapping[str, Sequence[Array]], countries: Sequence[str]
) -> tuple[dict[str, tuple[float, float, float]], Any]:
    """Return the mean alignment of each group over countries, with its interval over items."""
    asked, people = items(), human()
    rows = [
        (name, item, answers[i], people[country][i])
        for name, answers in groups.items()
        for country in countries
        for i, item in enumerate(asked)
    ]
    scales = [BANK.items[item].scale for _, item, *_ in rows]
    found = score_batch(
        [row[2] for row in rows], [row[3] for row in rows],
        scale=[scale.kind for scale in scales],
        positions=[list(scale.positions) for scale in scales],
        groups=[row[0] for row in rows], items=[row[1] for row in rows], resample="items",
    )  # fmt: skip
    columns = (found.groups[name].to_list() for name in ("group", "mean", "low", "high"))
    return {name: (mean, low, high) for name, mean, low, high in zip(*columns, strict=True)}, found


def uniform() -> list[Array]:
    return [np.full(n := len(BANK.items[item].scale.codes), 1 / n) for item in items()]


def line(*values: object) -> None:
    print("| " + " | ".join(map(str, values)) + " |", flush=True)


def head(title: str, *columns: str) -> None:
    print(f"\n**{title}**\n")
    line(*columns)
    line(*["---"] * len(columns))


def answers_table(found: Found, part: str, models: Sequence[str], languages: Sequence[str]) -> None:
    """What the answers are in each setting, over both orders."""
    head(
        f"{part}: the answers",
        "model", "language", "read as", "examples", "between orders", "entropy",
        "to other text, or unusable", "alignment", *COUNTRIES, "seconds", "tokens",
    )  # fmt: skip
    flat = uniform()
    line(*[""] * 3, "uniform", 0, f"{spread(flat):.2f}", "", *_scores(flat), "", "")
    for model, language, name in ((m, l, n) for m in models for l in languages for n in READ):
        for cell in _both(found, part, model, language, name):
            answers = shares(found, cell, name)
            one, other = (cell._replace(order=order) for order in ORDERS)
            parts = [found[each][name] for each in (one, other)]
            off = np.mean([row["off"] or 0.0 for each in parts for row in each["read"]])
            lost = f"{off:.2f}"
            if name == "verbalized":
                free = found[one].get("free", {"read": []})["read"]
                failed = sum(row["status"] != "ok" for row in free)
                lost = f"free: {failed} of {len(free)}" if free else ""
            line(
                model, language, name, _named(cell),
                f"{apart(shares(found, one, name) or (), shares(found, other, name) or ()):.2f}",
                f"{spread(answers or ()):.2f}", lost, *_scores(answers or ()),
                f"{sum(each['seconds'] for each in parts) / (2 * ITEMS):.2f}",
                round(sum(each["tokens"] for each in parts) / (2 * ITEMS)),
            )  # fmt: skip


def _scores(answers: Sequence[Array]) -> list[str]:
    mean, low, high = aligned({"all": answers}, COUNTRIES)[0]["all"]
    each = (aligned({"one": answers}, [country])[0]["one"][0] for country in COUNTRIES)
    return [f"{mean:.3f} [{low:.3f}, {high:.3f}]", *(f"{one:.3f}" for one in each)]


def _both(found: Found, part: str, model: str, language: str, name: str) -> list[Cell]:
    """Return what is there in both orders, as cells of the order "both"."""
    targets = TARGETS if part == "people" else ("",)
    every = [
        Cell(model, language, setting, "both", target)
        for setting in SETTINGS[part]
        for target in targets
    ]
    return [cell for cell in every if shares(found, cell, name)]


def _named(cell: Cell) -> str:
    return f"{cell.setting}, {cell.target}" if cell.target else cell.setting


def shifts_table(found: Found, models: Sequence[str], languages: Sequence[str]) -> None:
    """How far the answers move between settings, beside how far they move between orders."""
    drawn = ("five", "five, drawn anew", "five, and again")
    head(
        "form: how far the answers move (mean total variation, both orders averaged)",
        "model", "language", "read as", "between orders, no example", "none to one",
        "none to five", "five to others drawn", "five to always percentages",
        "alignment: five − none",
    )  # fmt: skip
    for model, language, name in ((m, l, n) for m in models for l in languages for n in READ):
        got = {cell.setting: shares(found, cell, name) or [] for cell in
               _both(found, "form", model, language, name)}  # fmt: skip

        def move(a: str, b: str, got: Mapping[str, Sequence[Array]] = got) -> str:
            return f"{apart(got[a], got[b]):.2f}" if a in got and b in got else ""

        if "none" not in got or "five" not in got:
            continue
        none = Cell(model, language, "none", "both")
        orders = [shares(found, none._replace(order=order), name) or [] for order in ORDERS]
        redrawn = [apart(got[a], got[b]) for a, b in combinations(drawn, 2) if {a, b} <= {*got}]
        _, batch = aligned({"five": got["five"], "none": got["none"]}, COUNTRIES)
        change = batch.compare("five", "none")
        line(
            model, language, name, f"{apart(*orders):.2f}", move("none", "one"),
            move("none", "five"), f"{np.mean(redrawn):.2f}" if redrawn else "",
            move("five", "five, always percentages"), _difference(change),
        )  # fmt: skip


def _difference(change: Any) -> str:
    mean, low, high = (change[name].item() for name in ("difference", "low", "high"))
    return f"{mean:+.3f} [{low:+.3f}, {high:+.3f}]"


def targeting_table(found: Found, models: Sequence[str], languages: Sequence[str]) -> None:
    """Whether a country's answers draw the model towards that country more than to the other."""
    head(
        "people: what a country's own answers gain (its alignment after them, less that after the "
        "other country's; mean of both)",
        "model", "language", "read as", "written", "gain",
    )  # fmt: skip
    for model, language, name in ((m, l, n) for m in models for l in languages for n in READ):
        for setting in SETTINGS["people"]:
            both = [
                shares(found, Cell(model, language, setting, "both", target), name)
                for target in TARGETS
            ]
            if both[0] is None or both[1] is None:
                continue
            people, asked, scales = human(), items(), [BANK.items[i].scale for i in items()]
            own = [answers for answers in both for _ in asked]  # noqa: F841
            rows = [("own", both[k][i], people[TARGETS[k]][i], i) for k in (0, 1)
                    for i in range(ITEMS)]  # fmt: skip
            rows += [("other", both[1 - k][i], people[TARGETS[k]][i], i) for k in (0, 1)
                     for i in range(ITEMS)]  # fmt: skip
            batch = score_batch(
                [row[1] for row in rows], [row[2] for row in rows],
                scale=[scales[row[3]].kind for row in rows],
                positions=[list(scales[row[3]].positions) for row in rows],
                groups=[row[0] for row in rows], items=[row[3] for row in rows],
                resample="items",
            )  # fmt: skip
            line(model, language, name, setting, _difference(batch.compare("own", "other")))


# ---- command -------------------------------------------------------------------------------------


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("models", nargs="*", type=Path)
    parser.add_argument("--part", nargs="*", choices=list(SETTINGS), default=list(SETTINGS))
    parser.add_argument("--languages", nargs="*", default=["en", "es", "ru"])
    parser.add_argument("--tables", action="store_true", help="ask nothing")
    options = parser.parse_args()
    paths = options.models or [demo_model(), demo_model(small=True)]
    options.folder.mkdir(parents=True, exist_ok=True)
    kept = options.folder / "cells.jsonl"
    found: Found = {}
    if kept.is_file():
        for text in kept.read_text(encoding="utf-8").splitlines():
            cell, answers = json.loads(text)
            found[Cell(*cell)] = answers
    path_of = {path.stem: path for path in paths}
    for part in () if options.tables else options.part:
        for cell in cells(part, list(path_of), options.languages):
            if cell not in found:
                found[cell] = ask(path_of[cell.model], cell, SETTINGS[part][cell.setting])
                with kept.open("a", encoding="utf-8") as file:
                    file.write(json.dumps([cell, found[cell]]) + "\n")
    for part in options.part:
        answers_table(found, part, list(path_of), options.languages)
    shifts_table(found, list(path_of), options.languages)
    targeting_table(found, list(path_of), options.languages)


if __name__ == "__main__":
    main()

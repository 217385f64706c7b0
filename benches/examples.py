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
from itertools import combinations, product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from examples_asked import (
    BANK,
    COUNTRIES,
    FREE_ITEMS,
    HUMAN,
    ITEMS,
    ORDERS,
    READ,
    SETTINGS,
    TARGETS,
    Cell,
    ask,
    cells,
    items,
)

from doxa.demo import demo_model
from doxa.distribution import human_distributions
from doxa.score import score_batch

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from doxa.score import ScoreBatch

    Array = NDArray[np.float64]

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


def answers(found: Found, cell: Cell, name: str) -> list[Array]:
    """Return the answers of a cell, none if it lacks them; for the order "both" their mean."""
    if cell.order == "both":
        each = [answers(found, cell._replace(order=order), name) for order in ORDERS]
        return [(a + b) / 2 for a, b in zip(*each, strict=True)] if all(each) else []
    return [np.array(row["shares"]) for row in found.get(cell, {}).get(name, ())]


def apart(first: Sequence[Array], second: Sequence[Array]) -> float:
    """Return the mean total variation."""
    return float(np.mean([np.abs(a - b).sum() / 2 for a, b in zip(first, second, strict=True)]))


def entropy(shares: Sequence[Array]) -> float:
    """Return the mean entropy, as a share of the largest."""
    each = [-sum(p * math.log(p) for p in one if p > 0) / math.log(len(one)) for one in shares]
    return float(np.mean(each))


def scored(groups: Mapping[str, Sequence[tuple[str, Sequence[Array]]]]) -> ScoreBatch:
    """Score groups of answers, each against a country; items are drawn again."""
    people, scales = human(), [BANK.items[item].scale for item in items()]
    rows = [
        (name, i, shares[i], people[country][i])
        for name, pairs in groups.items()
        for country, shares in pairs
        for i in range(ITEMS)
    ]
    return score_batch(
        [row[2] for row in rows],
        [row[3] for row in rows],
        scale=[scales[row[1]].kind for row in rows],
        positions=[list(scales[row[1]].positions) for row in rows],
        groups=[row[0] for row in rows],
        items=[row[1] for row in rows],
        resample="items",
    )


def difference(batch: ScoreBatch, one: str, other: str) -> str:
    row = batch.compare(one, other).row(0, named=True)
    return f"{row['estimate']:+.3f} [{row['low']:+.3f}, {row['high']:+.3f}]"


def scores(shares: Sequence[Array]) -> list[str]:
    """Return the alignment with all countries together and its interval, then with each."""
    groups = {"all": [(country, shares) for country in COUNTRIES]}
    batch = scored(groups | {country: [(country, shares)] for country in COUNTRIES})
    rows = {row["group"]: row for row in batch.groups.iter_rows(named=True)}
    whole = "{estimate:.3f} [{low:.3f}, {high:.3f}]".format(**rows["all"])
    return [whole, *(f"{rows[country]['estimate']:.3f}" for country in COUNTRIES)]


def line(*values: object) -> None:
    print("| " + " | ".join(map(str, values)) + " |", flush=True)


def head(title: str, *columns: str) -> None:
    print(f"\n**{title}**\n")
    line(*columns)
    line(*["---"] * len(columns))


def ways(models: Sequence[str], languages: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    return product(models, languages, READ)


def answers_table(found: Found, models: Sequence[str], languages: Sequence[str]) -> None:
    head(
        "The answers, both orders averaged",
        "model", "language", "read as", "examples", "entropy", "between orders", "other text",
        "alignment", *COUNTRIES, "seconds an item", "tokens an item",
    )  # fmt: skip
    flat = [np.full(n, 1 / n) for n in (len(BANK.items[item].scale.codes) for item in items())]
    line("", "", "", "uniform answer", f"{entropy(flat):.2f}", "0.00", "", *scores(flat), "", "")
    for model, language, name in ways(models, languages):
        for part in ("number", "draws", "shares", "people"):
            for cell in cells(part, [model], [language]):
                both = answers(found, cell._replace(order="both"), name)
                if cell.order == ORDERS[0] and both:
                    line(model, language, name, *_row(found, cell, name, both))


def _row(found: Found, cell: Cell, name: str, both: Sequence[Array]) -> Iterator[str]:
    parts = [cell._replace(order=order) for order in ORDERS]
    yield f"{cell.setting}, {cell.target}" if cell.target else cell.setting
    yield f"{entropy(both):.2f}"
    yield f"{apart(*(answers(found, part, name) for part in parts)):.2f}"
    off = [row["off"] for part in parts for row in found[part][name]]
    yield f"{np.mean(off):.2f}" if name == "logprobs" else ""
    yield from scores(both)
    # both elicitations of an item together, as a run asks them
    asked = 2 * ITEMS if "verbalized" in found[cell] else 0
    for what, digits in (("seconds", 2), ("tokens", 0)):
        total = sum(found[part][what] for part in parts)
        yield f"{total / asked:.{digits}f}" if asked else ""


def moves_table(found: Found, models: Sequence[str], languages: Sequence[str]) -> None:
    head(
        "How far the answers move: mean total variation, both orders averaged; beside it how far "
        "they move between the orders",
        "model", "language", "read as", "between orders, no example", "none to one",
        "none to five", "five to five others", "five to percentages",
        "alignment, five less none",
    )  # fmt: skip
    for model, language, name in ways(models, languages):
        got = {
            setting: answers(found, Cell(model, language, setting, "both"), name)
            for part in ("number", "draws", "shares")
            for setting in SETTINGS[part]
        }

        def move(*pairs: tuple[str, str], got: Mapping[str, list[Array]] = got) -> str:
            found = [apart(got[a], got[b]) for a, b in pairs if got[a] and got[b]]
            return f"{np.mean(found):.2f}" if found else ""

        if not (got["none"] and got["five"]):
            continue
        none = [answers(found, Cell(model, language, "none", order), name) for order in ORDERS]
        groups = {key: [(country, got[key]) for country in COUNTRIES] for key in ("five", "none")}
        line(
            model, language, name, f"{apart(*none):.2f}", move(("none", "one")),
            move(("none", "five")), move(*combinations(("five", *SETTINGS["draws"]), 2)),
            move(("five", "five, always percentages")),
            difference(scored(groups), "five", "none"),
        )  # fmt: skip


def people_table(found: Found, models: Sequence[str], languages: Sequence[str]) -> None:
    head(
        "What people's answers gain, by how they are written: alignment with the country after its "
        "own less after no example, and less after the other country's "
        f"({', '.join(TARGETS)}; mean of both)",
        "model", "language", "read as", "written", "own less none", "own less other",
    )  # fmt: skip
    for model, language, name in ways(models, languages):
        none = answers(found, Cell(model, language, "none", "both"), name)
        for setting in SETTINGS["people"]:
            each = [
                answers(found, Cell(model, language, setting, "both", target), name)
                for target in TARGETS
            ]
            if not all(each) or not none:
                continue
            batch = scored(
                {
                    "own": list(zip(TARGETS, each, strict=True)),
                    "other": list(zip(TARGETS, reversed(each), strict=True)),
                    "none": [(target, none) for target in TARGETS],
                }
            )
            gains = (difference(batch, "own", other) for other in ("none", "other"))
            line(model, language, name, setting, *gains)


def free_table(found: Found, models: Sequence[str], languages: Sequence[str]) -> None:
    head(
        f"Usable among {FREE_ITEMS} free replies to the request for percentages",
        "model", "language", *SETTINGS["free"],
    )  # fmt: skip
    for model, language in product(models, languages):
        rows = [
            found.get(Cell(model, language, setting, ORDERS[0]), {}).get("verbalized", ())
            for setting in SETTINGS["free"]
        ]
        if any(rows):
            usable = [sum(row["status"] == "ok" for row in each) if each else "" for each in rows]
            line(model, language, *usable)


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
    for table in (answers_table, moves_table, people_table, free_table):
        table(found, list(path_of), options.languages)


if __name__ == "__main__":
    main()

"""What each rule of the preset `liu2026` does to the study's table for Japan, one at a time.

Run it with the folder that holds the recorded replies and the counts:
``python tools/differences.py ../shared/oracle``. It prints the table of
``docs/explanation/differences.md``.
"""

from __future__ import annotations

import ast
import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from doxa import score_batch
from doxa.questionnaire import QuestionBank
from doxa.recorded import examples_of, read_responses
from doxa.survey import read_counts

if TYPE_CHECKING:
    from collections.abc import Mapping

COUNTRY, NAME = "JPN", "Japan"
BANK = QuestionBank.load()


@dataclass(frozen=True)
class Rules:
    """The preset's rules; each field set otherwise is one difference."""

    weighted: bool = False
    refuse_sums: bool = False
    refuse_keys: bool = False
    key_order: bool = False
    nominal: bool = False
    off_scale: bool = False
    examples: str = "of the target"
    first: bool = True
    common: bool = False


DIFFERENCES: dict[str, Rules] = {
    "survey weights, not counts": Rules(weighted=True),
    "shares that miss 100 by more than 1 refused, not divided by their sum": Rules(
        refuse_sums=True
    ),
    "keys that are no option refused, not dropped": Rules(refuse_keys=True),
    "the reply's shares in the order of its keys, whatever they are": Rules(key_order=True),
    "nominal items by total variation, not as a scale": Rules(nominal=True),
    "options off the scale not counted as steps": Rules(off_scale=True),
    "examples of any of the ten targets left out": Rules(examples="of any"),
    "no example left out": Rules(examples="none"),
    "repeated replies averaged, not the first taken": Rules(first=False),
    "the same items in all 24 cells": Rules(common=True),
    "all of doxa's rules": Rules(
        weighted=True, refuse_sums=True, refuse_keys=True, nominal=True, off_scale=True,
        first=False, common=True,
    ),
}  # fmt: skip
TARGETS = ("ARG", "BRA", "CHL", "CHN", "DEU", "JPN", "KOR", "RUS", "URY", "VNM")


def read_replies(folder: Path) -> pl.DataFrame:
    """Read the replies of the six conditions about Japan, with what doxa's parser says of them."""
    replies = pl.read_parquet(folder / "responses.parquet").filter(
        pl.col("country").is_in(["", NAME])
        & ~pl.col("condition").str.starts_with("sensitivity")
        & pl.col("question").is_in(list(BANK.items))
    )
    return read_responses(replies)


def mapping_of(text: str) -> dict[str, float]:
    """Read a reply as the study did."""
    try:
        found = ast.literal_eval(text)
        return {str(key): float(str(value).rstrip("%")) for key, value in found.items()}
    except (SyntaxError, ValueError, AttributeError):
        return {}


def shares_said(said: Mapping[str, float], codes: list[int], rules: Rules) -> list[float]:
    """Put a reply's shares in the order of the codes, or leave them in its own order."""
    if not rules.key_order:
        return [said.get(str(code), 0.0) for code in codes]
    own = [share for key, share in said.items() if key in map(str, codes)]
    return own + [0.0] * (len(codes) - len(own))


def excluded(rules: Rules, country: str) -> frozenset[str]:
    """Name the items in no score against a country."""
    targets = {"of the target": (country,), "of any": TARGETS, "none": ()}[rules.examples]
    return frozenset[str]().union(*map(examples_of, targets))


def cells(
    replies: pl.DataFrame, counts: pl.DataFrame, rules: Rules, country: str = COUNTRY
) -> dict[tuple[str, str], dict[str, float]]:
    """Give the alignment of each item with a country, by model and condition."""
    counts = counts.filter(country=country)
    value = "weighted_n" if rules.weighted else "n"
    people: dict[str, dict[int, float]] = defaultdict(dict)
    for question, code, n in counts.select("question", "code", value).iter_rows():
        people[question][code] = n
    left_out = excluded(rules, country)
    seen = set()
    rows = []
    columns = ("model", "condition", "question", "response", "status", "reason")
    for model, condition, question, text, status, reason in replies.select(columns).iter_rows():
        repeated = (model, condition, question) in seen
        seen.add((model, condition, question))
        sums = "add up" in reason
        if question in left_out or (rules.first and repeated):
            continue
        if status != "ok" and (rules.refuse_sums if sums else rules.refuse_keys):
            continue
        said = mapping_of(text)
        item = BANK.items[question]
        codes = list(item.scale.codes if rules.off_scale else item.listed)
        model_shares = np.array(shares_said(said, codes, rules))
        human_shares = np.array([people[question].get(code, 0.0) for code in codes])
        if model_shares.sum() > 0 and human_shares.sum() > 0:
            nominal = rules.nominal and item.scale.kind == "nominal"
            shares = (model_shares / model_shares.sum(), human_shares / human_shares.sum())
            rows.append((model, condition, question, nominal, *shares))
    by_item: dict[tuple[str, str, str], list] = defaultdict(list)
    for model, condition, question, nominal, said, people_said in rows:
        by_item[model, condition, question].append((nominal, said, people_said))
    pairs = [
        (key, found[0][0], np.mean([said for _, said, _ in found], axis=0), found[0][2])
        for key, found in by_item.items()
    ]
    scores = score_batch(
        [said for *_, said, _ in pairs],
        [human for *_, human in pairs],
        scale=["nominal" if nominal else "ordinal" for _, nominal, *_ in pairs],
    ).scores["alignment"]
    table: dict[tuple[str, str], dict[str, float]] = defaultdict(dict)
    for ((model, condition, question), *_), score in zip(pairs, scores, strict=True):
        table[model, condition][question] = score
    if rules.common:
        shared = set.intersection(*(set(items) for items in table.values()))
        table = {
            cell: {question: items[question] for question in shared}
            for cell, items in table.items()
        }
    return table


def main() -> None:
    """Print the table."""
    folder = Path(sys.argv[1])
    replies = read_replies(folder)
    counts = read_counts(folder / "wvs_counts.csv").filter(wave=7)
    base = cells(replies, counts, Rules())
    means = {cell: np.mean(list(items.values())) for cell, items in base.items()}
    print(f"preset: mean of {len(means)} cells {np.mean(list(means.values())):.4f}")
    print("| difference | mean change | largest change | in | items |")
    print("|---|---|---|---|---|")
    for name, rules in DIFFERENCES.items():
        found = cells(replies, counts, rules)
        change = {
            cell: np.mean(list(items.values())) - means[cell] for cell, items in found.items()
        }
        cell = max(change, key=lambda one: abs(change[one]))
        sizes = sorted(len(items) for items in found.values())
        items = f"{sizes[0]}" if sizes[0] == sizes[-1] else f"{sizes[0]} to {sizes[-1]}"
        print(
            f"| {name} | {np.mean(list(change.values())):+.4f} | {change[cell]:+.4f} "
            f"| {cell[0]}, {cell[1]} | {items} |"
        )
    unsteered = replies.filter(condition="none")
    for country in ("COL", "USA"):
        plain = cells(unsteered, counts, Rules(), country)
        for (model, _), items in cells(unsteered, counts, Rules(weighted=True), country).items():
            before, after = (np.mean(list(x.values())) for x in (plain[model, "none"], items))
            print(f"weights, {model} unsteered with {country}: {after - before:+.4f}")


if __name__ == "__main__":
    main()

"""The study's published comparison for Japan, from the oracle's counts and replies."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import polars as pl
import pytest

import doxa

if TYPE_CHECKING:
    from pathlib import Path

EXAMPLES = {"Q60", "Q70", "Q90", "Q110", "Q130"}


def replies(oracle: Path) -> pl.DataFrame:
    frame = pl.read_parquet(oracle / "responses.parquet")
    frame = frame.filter(pl.col("country").is_in(["", "Japan"]))
    return frame.unique(["model", "condition", "question"], keep="first", maintain_order=True)


def as_shares(response: str, codes: list[str]) -> list[float] | None:
    """Return the shares of the listed codes; None if the reply does not map to numbers."""
    try:
        reply = {str(key): value for key, value in ast.literal_eval(response).items()}
        return [float(str(reply.get(code, 0)).rstrip("%")) for code in codes]
    except (AttributeError, SyntaxError, ValueError):
        return None


def test_alignment_gives_the_recomputed_table_for_japan(oracle: Path) -> None:
    items = pl.read_csv(oracle / "items.csv")
    codes = {name: listed.split() for name, listed in items[["wave7", "codes_as_listed"]].rows()}
    counts = pl.read_csv(oracle / "wvs_counts.csv").filter(wave=7, country="JPN")
    human = {
        (question, str(code)): n for question, code, n in counts[["question", "code", "n"]].rows()
    }
    rows: list[tuple[str, str, list[float], list[float]]] = []
    for model, condition, question, response in replies(oracle)[
        ["model", "condition", "question", "response"]
    ].rows():
        listed = codes.get(question)
        if listed is None or question in EXAMPLES or (question, listed[0]) not in human:
            continue
        shares = as_shares(response, listed)
        if shares is not None and sum(shares) > 0:
            rows.append((model, condition, shares, [human[question, code] for code in listed]))
    batch = doxa.score_batch(
        doxa.normalize([row[2] for row in rows]),
        doxa.normalize([row[3] for row in rows]),
        groups=pl.DataFrame([row[:2] for row in rows], schema=["model", "condition"], orient="row"),
    )
    expected = pl.read_csv(oracle / "expected_table7_japan.csv")
    joined = expected.join(batch.groups, on=["model", "condition"], how="left")
    assert joined["n"].to_list() == expected["n_items"].to_list()
    assert joined["estimate"].to_list() == pytest.approx(expected["recomputed"].to_list(), abs=1e-6)

"""lm-evaluation-harness runs the folder, and its logs say what doxa itself reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from doxa.harness import write_tasks
from doxa.recorded import read_recording
from harness.answering import answering, asked_by_doxa, read_as
from harness.made import BANK, experiment
from harness.programs import run

if TYPE_CHECKING:
    from pathlib import Path

    import polars as pl

CHAT = experiment(elicitations=["verbalized", "sampling", "sequence"], option_orders=["reversed"])
SCORED = experiment(
    elicitations=["logprobs", "logprobs-calibrated"],
    items=["Q1", "Q164"],
    languages=["en"],
    option_orders=["reversed"],
    label_styles=["numbers"],
)
FIXED = ["--include_path", "tasks", "--log_samples", "--output_path", "logs"]


def logged(folder: Path, task: str) -> pl.DataFrame:
    (path,) = folder.glob(f"logs/*/samples_{task}_2*.jsonl")
    return read_recording(path, bank=BANK).replies


def test_texts_through_a_chat_end_point(tmp_path: Path) -> None:
    write_tasks(tmp_path / "tasks", CHAT, bank=BANK)
    with answering(chat=True) as address:
        model = ["local-chat-completions", f"model=m,base_url={address}/chat/completions"]
        chat = ["--model", model[0], "--model_args", model[1], "--apply_chat_template"]
        run("lm_eval", tmp_path, [*FIXED, *chat, "--tasks", "doxa_chat"], address=address)
        own = asked_by_doxa(CHAT, address, tmp_path)
    for name in CHAT.elicitations:
        found = read_as(logged(tmp_path, f"doxa_{name}_chat"), name)
        assert found == read_as(own, name)
        assert {row[4] for row in found} == ({"ok", "refused"} if name == "verbalized" else {"ok"})


def test_likelihoods_of_chat_and_base_models(tmp_path: Path) -> None:
    write_tasks(tmp_path / "tasks", SCORED, bank=BANK)
    with answering(chat=False) as address:
        model = f"model=m,base_url={address}/completions,tokenizer_backend=remote,max_length=9999"
        chat = ["--model", "served", "--apply_chat_template", "--tasks", "doxa"]
        base = ["--model", "local-completions", "--tasks", "doxa_logprobs_base"]
        runs = [[*FIXED, "--model_args", model, *one] for one in (chat, base)]
        run("lm_eval", tmp_path, *runs, address=address)
        own = asked_by_doxa(SCORED, address, tmp_path)
    for name, task in (
        ("logprobs", "doxa_logprobs"),
        ("logprobs", "doxa_logprobs_base"),
        ("logprobs-calibrated", "doxa_logprobs-calibrated"),
    ):
        found, expected = read_as(logged(tmp_path, task), name), read_as(own, name)
        assert [row[:6] for row in found] == [row[:6] for row in expected]
        for row, known in zip(found, expected, strict=True):
            assert row[6] == pytest.approx(known[6], abs=1e-12)
            assert row[7] == pytest.approx(known[7], abs=1e-12)

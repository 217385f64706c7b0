from __future__ import annotations

import json
import shutil
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl
import pytest
from made_up import BANK
from survey.exports import export
from tiny_models import bigram, random_model, thinking_model

from doxa.recorded import store_path
from doxa.run import Experiment, ask
from doxa.survey import sample, synthetic

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def at_hand(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the pages name: models, runs, replies, files of people's answers."""
    folder = tmp_path_factory.mktemp("at-hand")
    for name, made in (("model", random_model()), ("qwen3", thinking_model())):
        shutil.copy(made, folder / f"{name}.gguf")
    for name, models in (
        ("x", ("large",)), ("y", ("small",)),
        ("both", ("small", "large")), ("demo", ("small",)),
        ("x-1", ("small",)), ("x-2", ("large",)),
    ):  # fmt: skip
        _ask(folder / "runs" / name, [str(_named(folder, model)) for model in models])
    shutil.rmtree(folder / "models")
    colombia = export("2012_colombia")
    [happiness] = [header for header in colombia.labelled.columns if header.startswith("V10:")]
    misspelt = pl.when(pl.int_range(pl.len()) < 3).then(pl.lit("Very hapy"))
    labelled = colombia.labelled.with_columns(misspelt.otherwise(happiness).alias(happiness))
    replace(colombia, labelled=labelled).write_xlsx(
        folder / "F00003098-WV6_Data_Colombia_2012_Excel.xlsx", every=10
    )
    synthetic(300, BANK.items).write_csv(folder / "wave_7.csv")
    with zipfile.ZipFile(folder / "WVS_Cross-National_Wave_7.zip", "w") as archive:
        archive.write(folder / "wave_7.csv", "wave_7.csv")
    for name in ("counts.csv", "wvs_counts.csv"):
        sample(wave=7).write_csv(folder / name)
    _replies().write_parquet(folder / "responses.parquet")
    return folder


def _named(folder: Path, name: str) -> Path:
    path = folder / "models" / f"{name}.gguf"
    path.parent.mkdir(exist_ok=True)
    shutil.copy(bigram() if name == "small" else random_model(), path)
    return path


def _ask(run: Path, models: list[str]) -> None:
    experiment = Experiment.from_grid(
        models,
        bank=BANK,
        steering=["none", "persona"],
        targets=["JPN", "USA"],
        items=6,
        elicitations=["logprobs"],
        n_examples=0,
    )
    ask(experiment, store_path(run), bank=BANK)


def _replies() -> pl.DataFrame:
    rows = []
    for question in BANK.spread(12):
        labels = [str(code) for code in BANK.items[question].scale.all_codes]
        shares = {label: f"{100 / len(labels):.1f}%" for label in labels}
        rows.append(
            {"model": "m", "condition": "none", "country": "", "question": question}
            | {"choice_keys": str(labels), "response": json.dumps(shares)}
        )
    return pl.DataFrame(rows)


@pytest.fixture
def beside(at_hand: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with a copy of all that is at hand."""
    folder = tmp_path / "here"
    shutil.copytree(at_hand, folder)
    monkeypatch.chdir(folder)
    return folder

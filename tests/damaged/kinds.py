"""One sound file of each kind that doxa reads, and what reads it."""

from __future__ import annotations

import functools
import io
import json
import math
import os
import shutil
import tempfile
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import polars as pl
from model_stores import ollama_model
from recorded.made import (
    cell_rows,
    inspect_log,
    inspect_sample,
    own_key,
    own_line,
    own_scored,
    packed,
    packed_with_zstandard,
    sample_line,
    study_row,
)
from tiny_gguf import CHAT
from tiny_models import bigram, turn

from damaged.damage import damage, damage_cell, damage_member
from doxa.backend.backends import load
from doxa.backend.named.catalogue import described
from doxa.backend.named.ollama import read_manifest
from doxa.backend.template import ChatTemplate
from doxa.evaluate import read_source, share_run
from doxa.files.saving import save_table
from doxa.prompt import export_questions, import_questions
from doxa.questionnaire import QuestionBank
from doxa.questionnaire.bank import SHIPPED
from doxa.recorded import read_recording, read_run, read_statuses, store_path
from doxa.run import Experiment, ask
from doxa.survey import describe_survey, import_files, read_counts, sample
from doxa.survey.data_report import describe_file
from doxa.survey.microdata import Microdata
from doxa.survey.source import open_source
from doxa.survey.synthetic import synthetic

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

__all__ = ["KINDS", "TRIALS", "Kind"]

BANK: Final = QuestionBank.load()
ROOT: Final = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Kind:
    """A kind of file: its name, whether it is text, the sound content, and what reads a path."""

    file: str
    make: Callable[[], bytes]
    read: Callable[[Path], object]
    text: bool = False
    is_database: bool = False
    is_archive: bool = False

    def damaged(self, sound: bytes, draw: Random) -> bytes:
        """Damage the sound content."""
        if self.is_database:
            return damage_cell(sound, draw)
        if self.is_archive and draw.random() < 0.5:
            return damage_member(sound, draw)
        return damage(sound, draw, text=self.text)


def _in_folder(write: Callable[[Path], object], name: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        write(path)
        return path.read_bytes()


def _survey() -> object:
    some = {name: BANK.items[name] for name in list(BANK.items)[:12]}
    return synthetic(24, some)


def _survey_file(ending: str) -> Callable[[], bytes]:
    def write(path: Path) -> None:
        made = _survey()
        if ending == ".parquet":
            made.frame.write_parquet(path)
        else:
            getattr(made, f"write_{ending[1:]}")(path)

    return lambda: _in_folder(write, f"survey{ending}")


def _zip() -> bytes:
    page = io.BytesIO()
    with zipfile.ZipFile(page, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("readme.pdf", "see the survey's page")
        archive.writestr("survey.csv", _survey_file(".csv")())
    return page.getvalue()


def _read_survey(path: Path) -> object:
    found = describe_file(path, BANK.items)
    with open_source(path) as source:  # the way that large sheets are read
        source.read(list(source.headers)[:3], n_rows=5)
    return found


def _counts(ending: str) -> Callable[[], bytes]:
    few = sample().filter(pl.col("country").is_in(["JPN", "USA"])).head(60)
    return lambda: _in_folder(lambda path: save_table(few, path), f"counts{ending}")


def _opinions() -> bytes:
    shares = "{'Japan': [0.4, 0.5, 0.1], 'Chile': [1, 0, 0]}"
    rows = [
        {
            "question": f"How important is {word}?",
            "selections": f"defaultdict(<class 'list'>, {shares})",
            "options": "['Very', 'Not', \"Don't know\"]",
            "source": source,
        }
        for word, source in (("work", "WVS"), ("rest", "GAS"))
    ]
    return _in_folder(pl.DataFrame(rows).write_csv, "opinions.csv")


@functools.cache
def _imports() -> dict[str, bytes]:
    """A folder of imports: the manifest, counts and microdata."""
    with tempfile.TemporaryDirectory() as folder:
        survey, out = Path(folder, "survey.csv"), Path(folder, "imports")
        survey.write_bytes(_survey_file(".csv")())
        import_files([survey], out, BANK.items, allow_missing_items=True)
        return {path.name: path.read_bytes() for path in out.iterdir() if path.is_file()}


def _imported(start: str) -> bytes:
    return next(content for name, content in _imports().items() if name.startswith(start))


def _read_imports(path: Path) -> object:
    for name, content in _imports().items():
        if name != path.name:
            path.with_name(name).write_bytes(content)
    return read_counts(path.parent)


def _recording(ending: str) -> Callable[[], bytes]:
    def write(path: Path) -> None:
        study = path.with_name("study.csv")
        rows = [study_row(), study_row(response="no"), study_row(response="=1+1")]
        pl.DataFrame(rows).write_csv(study)
        save_table(read_recording(study, bank=BANK).replies, path)

    return lambda: _in_folder(write, f"replies{ending}")


def _log() -> dict[str, object]:
    return inspect_log(
        inspect_sample(),
        inspect_sample(epoch=2, scores=None, metadata={"country": "JPN", "language": "en"}),
        inspect_sample(choices=None, output={"choices": [{"message": {"content": '{"1": 100}'}}]}),
    )


def _lines() -> bytes:
    return "\n".join(map(json.dumps, [sample_line(), sample_line(country="JPN")])).encode()


def _own_lines() -> bytes:
    written = own_line(own_key(), '{"A": 70, "B": 20, "C": 10}')
    scored = own_scored(own_key(elicitation="logprobs"), 0.5, 0.3, 0.1)
    return "\n".join(map(json.dumps, [written, scored])).encode()


def _read_recording(path: Path) -> object:
    return _checked(read_recording(path, bank=BANK).replies)


def _read_run(path: Path) -> object:
    return _checked(read_run(path.parent).replies)


def _older() -> bytes:
    return (ROOT / "tests" / "store" / "data" / "v4_shipped_counts.sqlite").read_bytes()


def _checked(replies: pl.DataFrame) -> pl.DataFrame:
    """Raise unless each reply is a distribution or says by its status that it is none."""
    for status, codes, shares in replies.select("status", "codes", "probabilities").iter_rows():
        if status == "ok":
            assert len(shares) == len(codes)
            assert all(share is not None and 0 <= share <= 1 for share in shares)
            assert math.isclose(math.fsum(shares), 1, abs_tol=1e-6)
    return replies


def _read_table(path: Path) -> object:
    read_statuses(path, BANK)
    return _read_recording(path)


def _run() -> bytes:
    def write(path: Path) -> None:
        experiment = Experiment.from_grid(
            [str(bigram())], bank=BANK, items=4, elicitations=["logprobs"], n_examples=0
        )
        ask(experiment, store_path(path.parent), bank=BANK)

    return _in_folder(write, "replies.sqlite")


def _bundle() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        run, out = Path(folder, "replies.sqlite"), Path(folder, "run.doxa")
        run.write_bytes(_run())
        share_run(run, out, sample(), BANK)
        return out.read_bytes()


def _bank(path: Path) -> object:
    for name in ("items.toml", "countries.toml", "en.toml"):
        if not path.with_name(name).exists():
            shutil.copy(SHIPPED / name, path.with_name(name))
    bank = QuestionBank.load(path.parent)
    return [bank.question(item, "en").labels for item in bank.items_for("en")]


def _experiment() -> bytes:
    experiment = Experiment.from_grid(
        ["model.gguf"], bank=BANK, steering=["none", "persona"], targets=["JPN"], items=3
    )
    return experiment.to_toml().encode()


def _load(path: Path) -> object:
    backend = load(path)
    try:
        return backend.card.text(turn())
    finally:
        backend.close()


def _manifest() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        layers = {"model": b"GGUF", "template": b"{{ .Prompt }}", "params": b"{}"}
        return ollama_model(Path(folder), **layers).read_bytes()


def _fill(path: Path) -> object:
    source = path.read_bytes().decode("utf-8", "replace")
    return ChatTemplate(source, "<s>", "</s>").render("Be brief.", "Do you agree?", "Answer.")


KINDS: Final[dict[str, Kind]] = {
    "sav": Kind("a.sav", _survey_file(".sav"), _read_survey),
    "dta": Kind("a.dta", _survey_file(".dta"), _read_survey),
    "csv": Kind("a.csv", _survey_file(".csv"), _read_survey, text=True),
    "xlsx": Kind("a.xlsx", _survey_file(".xlsx"), _read_survey, is_archive=True),
    "parquet": Kind("a.parquet", _survey_file(".parquet"), _read_survey),
    "zip": Kind("a.zip", _zip, _read_survey, is_archive=True),
    "opinions": Kind("a.csv", _opinions, _read_survey, text=True),
    "counts csv": Kind("a.csv", _counts(".csv"), read_counts, text=True),
    "counts parquet": Kind("a.parquet", _counts(".parquet"), read_counts),
    "manifest": Kind("manifest.json", lambda: _imported("manifest"), _read_imports, text=True),
    "microdata": Kind(
        "a.parquet",
        lambda: _imported("microdata"),
        lambda path: Microdata.read(path, dict(BANK.items)).counts(),
    ),
    "GGUF": Kind("a.gguf", lambda: bigram().read_bytes(), _load),
    "GGUF header": Kind(
        "a.gguf", lambda: bigram().read_bytes(), lambda path: described("a", "folder", path)
    ),
    "Ollama": Kind(
        "latest",
        _manifest,
        lambda path: read_manifest("tiny:latest", path.parent, path),
        text=True,
    ),
    "template": Kind("a.jinja", CHAT.encode, _fill, text=True),
    "store": Kind("replies.sqlite", _run, _read_run),
    "store cells": Kind("replies.sqlite", _run, _read_run, is_database=True),
    "older store": Kind("replies.sqlite", _older, _read_run, is_database=True),
    "bundle": Kind(
        "run.doxa",
        _bundle,
        lambda path: _checked(read_source(path, sample(), BANK).replies),
        is_archive=True,
    ),
    "Inspect zip": Kind("a.eval", lambda: packed(_log()), _read_recording, is_archive=True),
    "Inspect zstd": Kind("a.eval", lambda: packed_with_zstandard(_log()), _read_recording),
    "Inspect json": Kind("a.json", lambda: json.dumps(_log()).encode(), _read_recording, text=True),
    "lm-eval": Kind("a.jsonl", _lines, _read_recording, text=True),
    "own tasks": Kind("a.jsonl", _own_lines, _read_recording, text=True),
    "cells": Kind(
        "a.csv",
        lambda: _in_folder(pl.DataFrame(cell_rows(0.1, 0.2, 0.3, 0.4)).write_csv, "a"),
        _read_recording,
        text=True,
    ),
    "study": Kind(
        "a.csv",
        lambda: _in_folder(pl.DataFrame([study_row(), study_row(response="no")]).write_csv, "a"),
        _read_table,
        text=True,
    ),
    "export csv": Kind("a.csv", _recording(".csv"), _read_table, text=True),
    "export jsonl": Kind("a.jsonl", _recording(".jsonl"), _read_table, text=True),
    "export parquet": Kind("a.parquet", _recording(".parquet"), _read_table),
    "experiment": Kind(
        "a.toml", _experiment, lambda path: Experiment.from_toml(path, bank=BANK), text=True
    ),
    "items": Kind("items.toml", lambda: (SHIPPED / "items.toml").read_bytes(), _bank, text=True),
    "countries": Kind(
        "countries.toml", lambda: (SHIPPED / "countries.toml").read_bytes(), _bank, text=True
    ),
    "language": Kind("en.toml", lambda: (SHIPPED / "en.toml").read_bytes(), _bank, text=True),
    "described": Kind(
        "a.toml",
        lambda: (ROOT / "data" / "anes96" / "anes96.toml").read_bytes(),
        describe_survey,
        text=True,
    ),
    "questions csv": Kind(
        "a.csv",
        lambda: export_questions(BANK, "en", format="csv").encode(),
        lambda path: import_questions(path, "en", bank=BANK),
        text=True,
    ),
    "questions jsonl": Kind(
        "a.jsonl",
        lambda: export_questions(BANK, "en").encode(),
        lambda path: import_questions(path, "en", bank=BANK),
        text=True,
    ),
}
"""Every kind, by the name that the figures give it."""


TRIALS: Final[dict[str, Kind]] = {
    "a traceback": Kind("a", lambda: b"x", lambda path: {}[path]),
    "a hang": Kind("a", lambda: b"x", lambda _: time.sleep(600)),
    "a death": Kind("a", lambda: b"x", lambda _: os.abort()),
    "much memory": Kind("a", lambda: b"", lambda _: len(bytearray(b"x") * (100 << 20))),
}
"""What a reader must not do; the watch over the children is tried on these."""

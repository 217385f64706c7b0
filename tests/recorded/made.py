"""Files as other programs write them, made up, and one way to read each."""

from __future__ import annotations

import io
import json
import math
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
from zipped import with_zstandard

from doxa.harness.key import Key, question_hash
from doxa.prompt import Condition
from doxa.questionnaire import QuestionBank
from doxa.recorded import Recording, read_recording

if TYPE_CHECKING:
    from collections.abc import Collection

LOGS = Path(__file__).parent / "logs"
"""Logs that the real programs wrote; the scripts that had them written lie there too."""
BANK = QuestionBank.load()
HAPPY = ["Very happy", "Rather happy", "Not very happy", "Not at all happy"]


def real(pattern: str, targets: Collection[str] | None = None) -> Recording:
    """Read the one log in `LOGS` with such a name."""
    [path] = LOGS.glob(pattern)
    return read_recording(path, bank=BANK, targets=targets)


def study_row(**changes: str) -> dict[str, str]:
    row = {
        "model": "Aya23",
        "condition": "language_persona",
        "country": "Korea",
        "question": "Q46",
        "choice_keys": "['1', '2', '3', '4']",
        "response": "{'1': '10%', '2': '20%', '3': '30%', '4': '40%'}",
    }
    return row | changes


def sample_line(logs: list[float] | None = None, **doc: object) -> dict[str, Any]:
    """Give a line as lm-evaluation-harness 0.4.13 writes it, numbers as text."""
    logs = logs or [math.log(p) for p in (0.1, 0.2, 0.3, 0.2)]
    pairs = [[str(number), "False"] for number in logs]
    return {
        "doc_id": 0,
        "doc": {"id": "Q46", "choices": HAPPY} | doc,
        "target": "0",
        "arguments": {
            f"gen_args_{i}": {"arg_0": "How happy?", "arg_1": f" {i + 1}"} for i in range(len(logs))
        },
        "resps": [[pair] for pair in pairs],
        "filtered_resps": pairs,
        "filter": "none",
        "doc_hash": "abc",
    }


def inspect_sample(**changes: object) -> dict[str, Any]:
    sample = {
        "id": "Q46",
        "epoch": 1,
        "input": "How happy?",
        "choices": HAPPY,
        "target": "A",
        "output": {"model": "m", "choices": [{"message": {"content": "ANSWER: B"}}]},
        "scores": {"choice": {"value": "I", "answer": "B"}},
        "metadata": {},
    }
    return sample | changes


def inspect_log(*samples: dict[str, Any]) -> dict[str, Any]:
    return {
        "version": 2,
        "status": "success",
        "eval": {"task": "happiness", "model": "openai/m"},
        "samples": list(samples),
    }


BACKWARDS = Condition("ja", "persona", "JPN", option_order="reversed", label_style="letters")
SENT = {"system": "Be brief.", "user": "Happy?", "reply_start": "{"}


def own_key(item: str = "Q122", elicitation: str = "verbalized", **changes: Any) -> Key:
    codes = (2, 0, 1)
    hashed = question_hash(item, "ja", BANK)
    made = Key(item, BACKWARDS, elicitation, ("A", "B", "C"), codes, 1, ("Q32",), hashed)
    return replace(made, form="chat", **changes)


def own_line(asked: Key, *texts: str) -> dict[str, Any]:
    """Give a line as lm-evaluation-harness 0.4.13 logs a row of doxa's."""
    doc = {"id": asked.item} | SENT | {"doxa": asked.to_dict()}
    return {
        "doc_id": 0, "doc": doc, "arguments": {}, "filter": "draws", "target": "x",
        "resps": [list(texts)], "filtered_resps": list(texts),
    }  # fmt: skip


def own_scored(asked: Key, *shares: float) -> dict[str, Any]:
    pairs = [[[str(math.log(share)), "False"]] for share in shares]
    return own_line(asked) | {"resps": pairs, "filtered_resps": [pair[0] for pair in pairs]}


def cell_rows(*shares: float, **changes: object) -> list[dict[str, object]]:
    return [
        {"cell_id": "Vietnam", "question": "Q46", "option": option, "share": share, "source": "m"}
        | changes
        for option, share in zip(HAPPY, shares, strict=True)
    ]


def read(folder: Path, content: object, name: str = "file.bin") -> Recording:
    path = folder / name
    match content:
        case bytes():
            path.write_bytes(content)
        case str():
            path.write_text(content, encoding="utf-8")
        case pl.DataFrame():
            content.write_csv(path)
        case list():
            path.write_text("\n".join(map(json.dumps, content)), encoding="utf-8")
        case _:
            path.write_text(json.dumps(content), encoding="utf-8")
    return read_recording(path, bank=BANK)


def packed(document: dict[str, Any]) -> bytes:
    page = io.BytesIO()
    with zipfile.ZipFile(page, "w") as archive:
        header = {key: value for key, value in document.items() if key != "samples"}
        archive.writestr("header.json", json.dumps(header))
        for number, sample in enumerate(document["samples"]):
            archive.writestr(f"samples/{sample['id']}_epoch_{number}.json", json.dumps(sample))
    return page.getvalue()


def packed_with_zstandard(document: dict[str, Any]) -> bytes:
    header = {key: value for key, value in document.items() if key != "samples"}
    members = {"header.json": json.dumps(header, indent=2).encode()}
    for number, sample in enumerate(document["samples"]):
        members[f"samples/{sample['id']}_epoch_{number}.json"] = json.dumps(sample).encode()
    return with_zstandard(members)

from __future__ import annotations

import dataclasses
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gguf
import numpy as np
import pytest
from model_stores import lm_studio_model, ollama_model
from thinking_templates import FAMILIES
from tiny_models import bigram, random_model

from doxa.backend.named.catalogue import Entry, catalogue, described, searched

if TYPE_CHECKING:
    from collections.abc import Callable

MODEL = bigram().read_bytes()
COMMITS = ("a" * 40, "b" * 40)


@pytest.fixture(autouse=True)
def no_folders(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LLAMA_CACHE", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "HF_HOME",
                 "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"):  # fmt: skip
        monkeypatch.delenv(name, raising=False)
    assert home.is_dir()


def put(file: Path, content: bytes = MODEL) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    return file


def write(file: Path, architecture: str, **values: Any) -> Path:
    """Write a file with a header and one small tensor, or none."""
    writer = gguf.GGUFWriter(file, architecture)
    tensor = values.pop("tensor", True)
    for name, value in values.items():
        key = name.replace("__", ".")
        add: Callable[..., object] = {
            bool: writer.add_bool, int: writer.add_uint32, str: writer.add_string,
        }[type(value)]  # fmt: skip
        add(key, value)
    if tensor:
        writer.add_tensor("token_embd.weight", np.zeros((2, 32), np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return file


def test_every_place_is_looked_at(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def other(number: int) -> bytes:
        return MODEL + bytes([number])

    ollama_model(home / ".ollama" / "models", "library/tiny:1b", model=other(1))
    lm_studio_model(home / ".lmstudio" / "models", "me/tiny/tiny-Q8_0.gguf", other(2))
    hub = home / ".cache" / "huggingface" / "hub" / "models--me--tiny"
    for commit in COMMITS:
        put(hub / "snapshots" / commit / "sub" / "tiny.gguf", other(3) + commit.encode())
    put(hub / "refs" / "main", COMMITS[1].encode())
    cached = put(home / ".cache" / "llama.cpp" / "me_tiny_tiny.gguf", other(4))
    newer = put(home / ".cache/llama.cpp/models--me--t/snapshots/c/t.gguf", other(5))
    chat = put(home / ".local" / "share" / "nomic.ai" / "GPT4All" / "tiny.gguf", other(6))
    fetched = put(home / ".cache" / "doxa" / "models" / "fa" / "tiny.gguf", other(8))
    put(tmp_path / "models" / "mine.gguf", other(7))
    (tmp_path / "models" / "home").symlink_to(home)  # no link to a folder is followed
    monkeypatch.chdir(tmp_path / "models")
    assert [(entry.model, entry.source) for entry in catalogue()] == [
        ("ollama:tiny:1b", "Ollama"),
        ("lmstudio:me/tiny/tiny-Q8_0.gguf", "LM Studio"),
        (f"hf:me/tiny@{COMMITS[0]}:sub/tiny.gguf", "Hugging Face"),
        ("hf:me/tiny:sub/tiny.gguf", "Hugging Face"),
        (str(cached), "llama.cpp"),
        (str(newer), "llama.cpp"),
        (str(chat), "GPT4All"),
        (str(fetched), "doxa"),
        ("mine.gguf", "folder"),
    ]
    assert {entry.why_not for entry in catalogue()} == {""}
    assert len(searched()) == 7


def test_an_entry_says_what_the_file_is(tmp_path: Path) -> None:
    put(tmp_path / "tiny.gguf")
    put(tmp_path / "base-Q8_0.gguf", random_model(chat=False).read_bytes())
    base, tiny = catalogue()
    assert tiny == Entry(
        "tiny.gguf", "folder", Path("tiny.gguf"), len(MODEL), 607_680, "F32", 4096, "llama",
        "ChatML", "", "",
    )  # fmt: skip
    assert (base.chat_template, base.quantization) == ("", "Q8_0")


def test_a_model_that_thinks_is_shown_to(tmp_path: Path) -> None:
    source = next(one.source for one in FAMILIES.values() if one.form == "<think>")
    put(tmp_path / "deep.gguf", random_model(chat=source).read_bytes())
    assert [entry.thinking for entry in catalogue()] == ["<think>"]


def test_a_file_that_several_keep_is_listed_once(home: Path, tmp_path: Path) -> None:
    ollama_model(home / ".ollama" / "models", model=MODEL)
    [blob] = [one.file for one in catalogue()]
    (tmp_path / "same.gguf").symlink_to(blob)
    lm_studio_model(home / ".lmstudio" / "models", "me/x/y.gguf", b"").unlink()
    (home / ".lmstudio" / "models" / "me" / "x" / "y.gguf").hardlink_to(blob)
    assert [one.model for one in catalogue()] == ["ollama:tiny:latest"]


@pytest.mark.parametrize(
    ("architecture", "values", "why"),
    [
        ("clip", {}, "the part of a model that reads images"),
        ("llama", {"general__type": "adapter"}, "an adapter, which changes another model"),
        ("llama", {"general__type": "imatrix"}, "statistics for quantising"),
        ("bert", {"bert__pooling_type": 1}, "an embedding model"),
        ("qwen3", {"qwen3__attention__causal": False}, "an encoder"),
        ("llama", {"tensor": False}, "a vocabulary without weights"),
        ("sheep", {}, "does not know its architecture, sheep: install a newer llama-cpp-python"),
        ("", {}, "names no architecture"),
    ],
)
def test_what_doxa_cannot_ask_has_its_reason(
    tmp_path: Path, architecture: str, values: dict[str, Any], why: str
) -> None:
    file = write(tmp_path / "a.gguf", architecture, **values)
    assert why in described("a", "folder", file).why_not


def test_damage_has_its_reason(home: Path, tmp_path: Path) -> None:
    put(tmp_path / "cut.gguf", MODEL[:50_000])
    put(tmp_path / "page.gguf", b"<html>not found</html>")
    put(tmp_path / "part-00001-of-00002.gguf")
    ollama_model(home / ".ollama" / "models", model=MODEL).write_text("{")
    ollama_model(home / ".ollama" / "models", "library/gone:1b", tensor=MODEL)
    why = {entry.model: entry.why_not for entry in catalogue()}
    assert "it ends too early" in why["cut.gguf"]
    assert "not a GGUF file" in why["page.gguf"]
    assert "1 are missing" in why["part-00001-of-00002.gguf"]
    assert "is damaged: run  ollama pull" in why["ollama:tiny:latest"]
    assert "single tensors" in why["ollama:gone:1b"]


def test_a_model_in_several_files_is_one(tmp_path: Path) -> None:
    for number in (1, 2):
        put(tmp_path / f"big-{number:05d}-of-00002.gguf")
    [entry] = catalogue()
    assert (entry.parameters, entry.size) == (2 * 607_680, 2 * len(MODEL))


def test_without_the_hub_s_client_its_files_are_named_by_path(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = home / ".cache" / "huggingface" / "hub" / "models--me--tiny" / "snapshots"
    file = put(hub / COMMITS[0] / "a file.gguf")
    assert [entry.model for entry in catalogue()] == [str(file)]
    file.rename(file.with_name("a.gguf"))
    assert [entry.model for entry in catalogue()] == [f"hf:me/tiny@{COMMITS[0]}:a.gguf"]

    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    assert [entry.model for entry in catalogue()] == [str(file.with_name("a.gguf"))]


def test_hundreds_are_listed_in_time(tmp_path: Path) -> None:
    for number in range(200):
        put(tmp_path / f"{number:03d}.gguf", MODEL)
    started = time.monotonic()
    found = catalogue()
    assert len(found) == 200
    assert time.monotonic() - started < 20
    assert {dataclasses.replace(one, model="", file=Path()) for one in found} == {
        dataclasses.replace(found[0], model="", file=Path())
    }

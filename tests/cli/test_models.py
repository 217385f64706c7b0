"""`doxa models`, and asking a model by its name."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hub_server import hub_server
from model_stores import lm_studio_model, ollama_model

from doxa.recorded import store_path
from doxa.store import Store

from .shell import doxa, refused, started

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """The environment of a user with an empty home folder."""
    return {
        "HOME": str(tmp_path), "USERPROFILE": str(tmp_path), "OLLAMA_MODELS": "",
        "HF_HOME": str(tmp_path / "hf"), "HF_TOKEN": "", "LLAMA_CACHE": str(tmp_path / "cache"),
        "DOXA_CACHE": str(tmp_path / "doxa"),
    }  # fmt: skip


def test_the_models_here_are_listed(
    tiny: Path, tmp_path: Path, home: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ollama_model(tmp_path / ".ollama" / "models", model=tiny.read_bytes())
    cut = lm_studio_model(tmp_path / ".lmstudio" / "models", "me/cut/cut.gguf", b"GGUF")
    shown = doxa("models", **home)
    assert shown.returncode == 0, shown.stderr
    facts = "115,520 parameters · F32 · 468 kB · context 4,096 · chat template ChatML"
    assert shown.stdout.splitlines() == [
        "ollama:tiny:latest",
        f"    {facts} · does not think",
        "lmstudio:me/cut/cut.gguf",
        "    cannot be asked: its header is damaged, or not of today's format (version 0); "
        "download it again",
    ]
    assert "1 of 2 models can be asked; looked in" in shown.stderr
    rows = [json.loads(line) for line in doxa("models", "--json", **home).stdout.splitlines()]
    assert [row["model"] for row in rows[:2]] == ["ollama:tiny:latest", "lmstudio:me/cut/cut.gguf"]
    assert rows[0]["chat_template"] == "ChatML"
    assert rows[1]["file"] == str(cut)


def test_a_model_of_the_hub_is_asked_online_and_offline(
    tiny: Path, tmp_path: Path, home: dict[str, str]
) -> None:
    ask = ("ask", "--model", "hf:me/tiny-GGUF:Q8_0", "--questions", "Q1", "--elicit", "logprobs",
           "--fast", "--out", str(tmp_path / "run"))  # fmt: skip
    with hub_server() as hub:
        commit = hub.add("me/tiny-GGUF", {"tiny-Q8_0.gguf": tiny.read_bytes(), "x-Q2_K.gguf": b"x"})
        home["HF_ENDPOINT"] = hub.address
        asked = started(*ask, **home)
    assert asked.returncode == 0, asked.stderr
    assert "downloading tiny-Q8_0.gguf" in asked.stderr
    again = started(*ask, **home, HF_HUB_OFFLINE="1")
    assert again.returncode == 0, again.stderr
    assert f"tiny-Q8_0.gguf of commit {commit[:12]} is taken from the cache" in again.stderr
    with Store.read(store_path(tmp_path / "run")) as store:
        [card] = store.cards()
        assert store.replies().height == 1
    assert card.model == "tiny-Q8_0"
    assert card.origin == {
        "source": "Hugging Face", "repository": "me/tiny-GGUF", "commit": commit,
        "file": "tiny-Q8_0.gguf",
    }  # fmt: skip
    page = doxa("report", str(tmp_path / "run"), "--out", str(tmp_path / "r.html"), **home)
    assert page.returncode == 0, page.stderr
    assert commit in (tmp_path / "r.html").read_text(encoding="utf-8")
    prompt = started("prompts", "show", "Q6", "--model", ask[2], **home, HF_HUB_OFFLINE="1")
    assert prompt.stdout.startswith("<|im_start|>system\n")


def test_a_wrong_name_says_what_is_near(tmp_path: Path, home: dict[str, str]) -> None:
    ollama_model(tmp_path / ".ollama" / "models", "library/llama3.2:3b", model=b"GGUF")
    asking = ("ask", "--out", str(tmp_path / "run"), "--model")
    refused(
        doxa(*asking, "ollama:llama3.2", **home), says="near it is llama3.2:3b; doxa models lists"
    )
    refused(
        doxa(*asking, "llama.gguf", **home), says="model llama.gguf cannot be read: no such file"
    )

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from model_stores import lm_studio_model
from tiny_models import bigram

from doxa.backend import Engine
from doxa.backend.named import Located
from doxa.errors import ExperimentError, ModelError
from doxa.questionnaire import QuestionBank
from doxa.run import Experiment, ask
from doxa.run.models import located
from doxa.store import Store

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

BANK = QuestionBank.load()


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.delenv("OLLAMA_MODELS", raising=False)
    return tmp_path


def asking(models: Sequence[str], **options: object) -> Experiment:
    return Experiment.from_grid(models, bank=BANK, items=["Q1"], n_examples=0, **options)  # type: ignore[arg-type]


def test_a_server_knows_its_models_itself() -> None:
    engine = Engine("openai_server", server="http://localhost:1/v1")
    assert located(asking(["ollama:x"], engine=engine)) == ["ollama:x"]


def test_a_wrong_second_name_is_told_before_the_first_model_is_asked(tmp_path: Path) -> None:
    store = tmp_path / "replies.sqlite"
    with pytest.raises(ModelError, match="no model ollama:absent"):
        ask(asking([str(bigram()), "ollama:absent"]), store, bank=BANK)
    assert not store.exists()


def test_two_models_of_one_name_are_refused(home: Path) -> None:
    same = home / "copy" / bigram().name
    lm_studio_model(home / ".lmstudio" / "models", f"me/tiny/{same.name}", bigram().read_bytes())
    with pytest.raises(ExperimentError, match=f"two models have the name {bigram().stem} in "):
        located(asking([str(bigram()), "lmstudio:me/tiny"]))


def test_a_run_by_name_goes_on_by_path_and_keeps_where_the_file_came_from(home: Path) -> None:
    lm_studio_model(home / ".lmstudio" / "models", "me/t/tiny.gguf", bigram().read_bytes())
    store = home / "replies.sqlite"
    ask(asking(["lmstudio:me/t"], elicitations=["logprobs"]), store, bank=BANK)
    with Store.read(store) as opened:
        [before] = opened.cards()
        replies = opened.replies()
    assert before.origin == {"source": "LM Studio", "repository": "me/t", "file": "tiny.gguf"}
    path = str(home / ".lmstudio" / "models" / "me/t/tiny.gguf")
    [found] = located(asking([path]))
    assert isinstance(found, Located)
    ask(asking([path], elicitations=["logprobs"]), store, bank=BANK)
    with Store.read(store) as opened:
        assert opened.cards() == [before]
        assert opened.replies().equals(replies)

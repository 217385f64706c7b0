from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from fake_models import load, name
from tiny_models import random_model

from doxa.backend import Engine, ModelCard, Workload
from doxa.backend.llama_cpp import LlamaCpp
from doxa.backend.named import locate
from doxa.cluster.asking.batch import packed_tasks, unpacked
from doxa.cluster.asking.files import offer_of
from doxa.cluster.asking.worker import Opened, Worker
from doxa.errors import ModelError
from doxa.prompt import Condition, render
from doxa.questionnaire import QuestionBank
from doxa.run import Experiment, load_model, tasks_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pytest

    from doxa.backend import Request
    from doxa.backend.child import Child

BANK = QuestionBank.load()
SERVER = Engine("openai_server", server="http://nowhere/v1")


def experiment(model: str, engine: Engine = SERVER) -> Experiment:
    return Experiment(
        (model,), (Condition("en", n_examples=0),), ("Q1", "Q57", "Q2"), ("logprobs",),
        engine=engine,
    )  # fmt: skip


def test_a_worker_says_where_and_what_it_is() -> None:
    greeting = Worker(load).greet()
    assert greeting.process == os.getpid()
    assert {"doxa", "llama_cpp_python"} <= set(greeting.versions)


def test_a_block_comes_back_as_rows_and_an_error_ends_it() -> None:
    fails = render("Q57", Condition("en", n_examples=0), bank=BANK).user
    asked, worker = experiment(name(fails=fails)), Worker(load)
    opened = worker.open(asked, asked.models[0], None)
    tasks = list(tasks_of(asked, ModelCard.from_json(opened.card), bank=BANK))
    batch, error, hopeless = worker.answer(packed_tasks(tasks))
    assert [row[0] for row in unpacked(batch)] == [tasks[0].key]
    assert (error, hopeless) == ("the model is gone", False)
    whole = worker.answer(packed_tasks([tasks[0], tasks[2]]))
    assert [row[0] for row in unpacked(whole.batch)] == [tasks[0].key, tasks[2].key]
    assert whole.error == ""


def test_what_no_worker_can_get_ready_for_is_hopeless(monkeypatch: pytest.MonkeyPatch) -> None:
    def prepare(_: object, __: Sequence[Request]) -> Workload:
        raise ModelError("a prompt is too long")

    monkeypatch.setattr("fake_models.Fake.prepare", prepare)
    asked, worker = experiment(name()), Worker(load)
    card = ModelCard.from_json(worker.open(asked, asked.models[0], None).card)
    answered = worker.answer(packed_tasks(list(tasks_of(asked, card, bank=BANK))))
    assert unpacked(answered.batch) == []
    assert answered[1:] == ("a prompt is too long", True)


def test_a_slow_build_is_told_beside_the_card(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, worker = experiment(str(random_model()), Engine()), Worker(load_model)
    assert worker.open(asked, asked.models[0], None).notice == ""
    whole = LlamaCpp._load

    def slow(backend: LlamaCpp, child: Child) -> dict[str, Any]:
        return whole(backend, child) | {"notice": "built without AVX512"}

    monkeypatch.setattr(LlamaCpp, "_load", slow)
    assert worker.open(asked, asked.models[0], None).notice == "built without AVX512"


def test_another_file_of_the_same_size_is_not_the_model(tmp_path: Path) -> None:
    file = tmp_path / "m.gguf"
    file.write_bytes(random_model().read_bytes())
    offer = offer_of(locate(file))
    asked, worker = experiment(str(file), Engine()), Worker(load_model)
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    assert worker.open(asked, str(file), offer) == Opened(lacks=True)
    content[-1] ^= 1
    file.write_bytes(content)
    opened = worker.open(asked, str(file), offer)
    assert ModelCard.from_json(opened.card).fingerprint == offer.fingerprint
    file.write_bytes(b"GGUF" + bytes(len(content) - 4))
    assert worker.open(asked, str(file), offer).error.startswith(f"model {file} ")

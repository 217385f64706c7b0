from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tiny_gguf import CHAT
from tiny_models import bigram, random_model

from doxa.backend.weights import Weights
from doxa.errors import ModelError

if TYPE_CHECKING:
    from pathlib import Path


def test_the_metadata_of_the_file() -> None:
    weights = Weights(random_model(context=64), gpu_layers=0)
    assert weights.handle
    assert weights.context_length == 64
    assert weights.chat_template == CHAT
    weights.close()
    assert weights.handle is None
    weights.close()


def test_a_model_that_writes_does() -> None:
    weights = Weights(random_model(), gpu_layers=0)
    assert weights.writes
    weights.close()


def test_a_base_model_has_no_chat_template() -> None:
    weights = Weights(bigram(chat=False), gpu_layers=0)
    assert weights.chat_template == ""
    weights.close()


def test_a_file_that_cannot_be_loaded_is_named(tmp_path: Path) -> None:
    file = tmp_path / "cut.gguf"
    file.write_bytes(random_model().read_bytes()[:100_000])
    with pytest.raises(ModelError, match=r"cut\.gguf cannot be loaded: \w+") as caught:
        Weights(file, gpu_layers=-1)
    assert "\n" not in str(caught.value)
    assert "gave no reason" not in str(caught.value)

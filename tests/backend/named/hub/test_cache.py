from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from doxa.backend.named import locate
from doxa.backend.named.hub.cache import digest_of, folder, repositories, sizes_in, snapshot

if TYPE_CHECKING:
    from pathlib import Path

    from hub_server import Hub

NAMES = ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_HOME", "XDG_CACHE_HOME")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, "{home}/.cache/huggingface/hub"),
        ({"XDG_CACHE_HOME": "/x"}, "/x/huggingface/hub"),
        ({"XDG_CACHE_HOME": "/x", "HF_HOME": "~/h"}, "{home}/h/hub"),
        ({"HF_HOME": "/h", "HUGGINGFACE_HUB_CACHE": "/o"}, "/o"),
        ({"HUGGINGFACE_HUB_CACHE": "/o", "HF_HUB_CACHE": "$HOME/c"}, "{home}/c"),
    ],
)
def test_the_folder_is_the_client_s(
    home: Path, monkeypatch: pytest.MonkeyPatch, given: dict[str, str], expected: str
) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    assert str(folder()) == expected.format(home=home)


def test_what_the_client_wrote_is_read(hub: Hub) -> None:
    assert (repositories(), snapshot("me/tiny", "main")) == ({}, None)
    commit = hub.add("me/tiny", {"a/b.gguf": b"GGUF"})
    file = locate("hf:me/tiny").file
    assert list(repositories()) == ["me/tiny"]
    assert snapshot("me/tiny", "main") == snapshot("me/tiny", commit) == (commit, file.parents[1])
    assert snapshot("me/tiny", "v1") is None
    assert sizes_in(file.parents[1]) == {"a/b.gguf": 4}
    assert digest_of(file) == file.resolve().name
    file.resolve().unlink()
    assert sizes_in(file.parents[1]) == {}
    assert digest_of(file.parent) == ""

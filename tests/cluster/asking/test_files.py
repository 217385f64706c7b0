from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from tiny_models import random_model

from doxa.cluster.asking import files
from doxa.cluster.asking.files import Source, fetched, found_here, offer_of, places
from doxa.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from doxa.cluster.asking.files import Offer


class Asked:
    """A `Source` as an actor's handle would be."""

    def __init__(self, file: Path) -> None:
        self._source = Source(file)
        self.read, self.reads = self, 0

    def remote(self, part: int, start: int) -> Callable[[], bytes]:
        self.reads += 1
        return lambda: self._source.read(part, start)


def get(reference: Callable[[], bytes]) -> bytes:
    return reference()


@pytest.fixture
def offer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Offer:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(files, "_PIECE", 10_000)
    (tmp_path / "models").mkdir()
    file = tmp_path / "models" / "m.gguf"
    shutil.copy(random_model(), file)
    return offered(file)


def offered(file: Path) -> Offer:
    found = found_here(str(file), print)
    assert found is not None
    return offer_of(found)


def test_what_is_no_file_is_not_offered(tmp_path: Path) -> None:
    assert found_here("hf:somebody/model", print) is None
    assert found_here(str(tmp_path / "only-on-nodes.gguf"), print) is None
    with pytest.raises(ModelError, match="no model ollama:nothing"):
        found_here("ollama:nothing", print)
    (tmp_path / "x.gguf").write_bytes(b"nothing")
    with pytest.raises(ModelError, match="is not a GGUF file"):
        found_here(str(tmp_path / "x.gguf"), print)


def test_a_file_is_fetched_once_a_node_and_found_from_then_on(offer: Offer) -> None:
    assert [place.file for place in places(offer)] == [offer.located.file]
    source = Asked(offer.located.file)
    with ThreadPoolExecutor(4) as pool:
        [kept] = {*pool.map(lambda _: fetched(offer, source, get).file, range(4))}
    size = random_model().stat().st_size
    assert source.reads == -(-size // 10_000)
    assert kept.read_bytes() == random_model().read_bytes()
    assert [file.name for file in kept.parent.parent.iterdir()] == [offer.fingerprint]
    assert [place.file for place in places(offer)][1:] == [kept]
    kept.write_bytes(b"cut off")
    assert list(places(offer))[1:] == []


def test_a_model_in_parts_keeps_their_names(offer: Offer, tmp_path: Path) -> None:
    whole = random_model().read_bytes()
    for number, part in enumerate((whole[:70_000], whole[70_000:]), 1):
        (tmp_path / f"m-{number:05d}-of-00002.gguf").write_bytes(part)
    parts = offered(tmp_path / "m-00001-of-00002.gguf")
    assert parts.fingerprint == offer.fingerprint
    kept = fetched(parts, Asked(parts.located.file), get).file
    assert kept.name == "m-00001-of-00002.gguf"
    assert b"".join(part.read_bytes() for part in sorted(kept.parent.iterdir())) == whole


def test_what_does_not_arrive_as_it_was_is_not_kept(offer: Offer, tmp_path: Path) -> None:
    other = tmp_path / "other.gguf"
    other.write_bytes(b"x" * random_model().stat().st_size)
    with pytest.raises(ModelError, match="changed while it was fetched: run again"):
        fetched(offer, Asked(other), get)
    assert list((tmp_path / "cache" / "doxa" / "models").iterdir()) == []


def test_a_full_disk_is_told_before_anything_is_fetched(
    offer: Offer, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = Asked(offer.located.file)
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("", (), {"free": 5 * 2**10}))
    with pytest.raises(ModelError, match=r"has room for 0 MiB, .*m.gguf takes 0: make room, or"):
        fetched(offer, source, get)
    assert source.reads == 0

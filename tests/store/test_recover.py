"""What is whole is recovered; what is damaged stays as it is."""

from __future__ import annotations

import random
import shutil
from typing import TYPE_CHECKING

import pytest

from doxa.errors import StoreError
from doxa.store import Store
from doxa.store.check import check_store
from doxa.store.recover import recover

from .made import CARD, cell, fill, reply

if TYPE_CHECKING:
    from pathlib import Path

N = 200


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("recover") / "run.sqlite"
    fill(path, N)
    return path


def replies(path: Path) -> dict[str, dict[str, object]]:
    with Store.read(path) as store:
        return {row["request_key"]: row for row in store.replies().iter_rows(named=True)}


def test_every_page_may_be_lost_and_no_reply_changes(filled: Path, tmp_path: Path) -> None:
    whole, before = filled.read_bytes(), replies(filled)
    rng = random.Random(3)
    pages = range(0, len(whole), 4096)
    kept = []
    for page in [0, *rng.sample(pages[1:], 10)]:
        path, out = tmp_path / f"{page}.sqlite", tmp_path / f"{page}-out" / "replies.sqlite"
        path.write_bytes(whole[:page] + rng.randbytes(4096) + whole[page + 4096 :])
        damaged = path.read_bytes()
        recover(path, out)
        assert path.read_bytes() == damaged
        assert check_store(out).is_whole
        found = replies(out)
        assert found.items() <= before.items()
        kept.append(len(found))
        with Store.open(out) as store:
            missing = [key for key in before if key not in store.done_keys()]
            assert store.claim(missing) == missing
    assert kept[0] == N
    assert min(kept) > 0.8 * N or kept.count(0) <= 1


def test_what_refers_to_lost_prompts_is_left_out(filled: Path, tmp_path: Path) -> None:
    path = shutil.copy(filled, tmp_path / "run.sqlite")
    whole = path.read_bytes()
    place = whole.index(b"Item 7?")
    path.write_bytes(whole[:place] + b"Itim 7?" + whole[place + 7 :])
    kept = recover(path, tmp_path / "out.sqlite")
    assert kept["replies"] == N
    assert kept["sent"] == kept["turns"] == N - 1
    with Store.read(tmp_path / "out.sqlite") as store:
        assert store.replies().height == N
        assert store.sent().height == N - 1


def test_a_log_of_another_file_is_left_out(filled: Path, tmp_path: Path) -> None:
    """Somebody replaced the file of a killed process, whose log is still beside it."""
    path = tmp_path / "run.sqlite"
    with Store.open(path) as store:
        store.plan(CARD, [(cell(1), "k1", 0)])
        store.add(CARD, reply("k1"))
        log = path.with_name("run.sqlite-wal").read_bytes()
    shutil.copy(filled, path)
    path.with_name("run.sqlite-wal").write_bytes(log)
    assert not check_store(path).is_whole
    recover(path, tmp_path / "out.sqlite")
    assert replies(tmp_path / "out.sqlite") == replies(filled)


def test_nothing_is_overwritten_and_nothing_is_made_of_nothing(
    filled: Path, tmp_path: Path
) -> None:
    with pytest.raises(StoreError, match="is there already"):
        recover(filled, filled)
    (tmp_path / "noise").write_bytes(random.Random(1).randbytes(20_000))
    with pytest.raises(StoreError, match="no row in it is whole"):
        recover(tmp_path / "noise", tmp_path / "out")
    assert not (tmp_path / "out").exists()

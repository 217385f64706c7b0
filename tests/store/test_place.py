"""A store's file that is removed or replaced while it is written: no reply is lost."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from doxa.errors import StoreError
from doxa.store import DisplacedError, Store
from doxa.store.place import Place

from .made import CARD, cell, reply


def filled(store: Store) -> None:
    store.plan(CARD, [(cell(item), f"k{item}", 0) for item in range(4)])
    store.claim(["k0", "k1", "k3"])
    store.add(CARD, reply("k0"))


@pytest.mark.parametrize("how", ["removed", "replaced", "removed with its folder"])
def test_the_reply_in_hand_and_all_before_it_are_rescued(store: Store, how: str) -> None:
    filled(store)
    path = store.path
    if how == "removed":
        path.unlink()
    elif how == "replaced":
        with Store.open(path.with_name("other.sqlite")) as other:
            other.note("experiment", "another")
        path.with_name("other.sqlite").replace(path)
    else:
        shutil.rmtree(path.parent)
    with pytest.raises(DisplacedError, match=f"{path} was {how.split()[0]} while") as caught:
        store.add(CARD, reply("k1", 0.5))
    rescued = path.with_name("one-rescued.sqlite")
    assert f"every reply is kept in {rescued}" in str(caught.value)
    assert "\n" not in str(caught.value)
    # what is still under way is kept, too
    store.add(CARD, reply("k2"))
    store.close()
    with Store.read(rescued) as kept:
        assert kept.replies()["request_key"].to_list() == ["k0", "k1", "k2"]
        assert kept.notices == []
    with Store.open(rescued) as kept:
        assert kept.claim(["k3"]) == ["k3"]
    assert not path.with_name("one.sqlite-wal").exists()
    if how == "replaced":
        with Store.read(path) as other:
            assert other.metadata == {"experiment": "another"}
    else:
        assert not path.exists()


def test_a_store_that_vanishes_after_its_last_reply_is_rescued_when_it_is_closed(
    store: Store,
) -> None:
    filled(store)
    store.path.unlink()
    with pytest.raises(DisplacedError, match=r"one-rescued\.sqlite"):
        store.close()
    with Store.read(store.path) as kept:
        assert kept.done_keys() == {"k0"}


def test_a_second_rescue_takes_another_name(store: Store) -> None:
    filled(store)
    names = []
    for key in ("k1", "k2"):
        store.path.unlink()
        store_path = store.path
        with pytest.raises(DisplacedError):
            store.add(CARD, reply(key))
        names.append(store.path.name)
        shutil.copy(store.path, store_path)
    assert names == ["one-rescued.sqlite", "one-rescued-rescued.sqlite"]


def test_where_nothing_can_be_written_beside_it_the_temporary_folder_serves(
    store: Store,
) -> None:
    filled(store)
    folder = store.path.parent
    shutil.rmtree(folder)
    folder.write_text("in the way")
    with pytest.raises(DisplacedError):
        store.add(CARD, reply("k1"))
    assert store.done_keys() == {"k0", "k1"}
    kept = store.path
    store.close()
    shutil.rmtree(kept.parent)


def test_a_rescue_that_fails_says_why(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(store)
    store.path.unlink()
    monkeypatch.setattr(
        "doxa.store.place._targets", lambda _: iter([Path("/proc/none/run.sqlite")])
    )
    with pytest.raises(StoreError, match="removed or replaced, and its replies cannot be written"):
        store.add(CARD, reply("k1"))
    with pytest.raises(StoreError, match="cannot be written"):
        store.close()


def test_a_place_names_what_happened(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("a")
    place = Place(file)
    assert place.change() == ""
    (tmp_path / "other").write_text("b")
    (tmp_path / "other").replace(file)
    assert place.change() == "replaced"
    file.unlink()
    assert place.change() == "removed"

from __future__ import annotations

import json
import os
import platform
import threading
from typing import TYPE_CHECKING

import pytest

from doxa.errors import StoreError
from doxa.store import lease as module
from doxa.store.lease import Lease, lease_file, leased_to

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PAUSE", 0.02)


def silent_for(place: Path, seconds: float) -> None:
    file = lease_file(place)
    then = file.stat().st_mtime - seconds
    os.utime(file, (then, then))


def test_one_machine_has_the_right_until_it_gives_it_back(tmp_path: Path) -> None:
    place, said = tmp_path / "run", list[str]()
    assert leased_to(place) is None
    one = Lease(place, Lease.new_token())
    one.take(said.append)
    holder = leased_to(place)
    assert holder is not None
    assert (holder.process, holder.host) == (os.getpid(), platform.node())
    assert one.beat()
    # another process of this machine, in the same folder
    Lease(place, one._token).take(said.append)
    assert said == []
    one.give_back()
    assert list(tmp_path.iterdir()) == []
    Lease(place, Lease.new_token()).take(said.append)
    one.give_back()
    assert lease_file(place).exists()


def test_a_machine_that_lives_is_named_and_refused(tmp_path: Path) -> None:
    place, said = tmp_path / "run", list[str]()
    one = Lease(place, Lease.new_token())
    one.take(said.append)
    timer = threading.Timer(0.3, one.beat)
    timer.start()
    with pytest.raises(StoreError, match=rf"run is written by process {os.getpid()} on .* since"):
        Lease(place, Lease.new_token()).take(said.append)
    timer.join()
    assert len(said) == 1
    assert "counts as ended after 120 s" in said[0]
    assert one.beat()


def test_a_silent_machine_is_followed_and_notices(tmp_path: Path) -> None:
    place, said = tmp_path / "run", list[str]()
    one, other = Lease(place, Lease.new_token()), Lease(place, Lease.new_token())
    one.take(said.append)
    silent_for(place, 200)
    assert leased_to(place) is None
    other.take(said.append)
    assert "ended without a word: taken over" in said[0]
    assert not one.beat()
    one.give_back()
    assert other.beat()


def test_who_waits_takes_over_once_the_time_is_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, said = tmp_path / "run", list[str]()
    Lease(place, Lease.new_token()).take(said.append)
    monkeypatch.setattr(module, "_DEAD", 0.2)
    Lease(place, Lease.new_token()).take(said.append)
    assert [line.split()[0] for line in said] == ["waiting", "process"]


def test_who_waits_goes_on_when_the_right_is_given_back(tmp_path: Path) -> None:
    place, said = tmp_path / "run", list[str]()
    one, other = Lease(place, Lease.new_token()), Lease(place, Lease.new_token())
    one.take(said.append)
    timer = threading.Timer(0.2, one.give_back)
    timer.start()
    other.take(said.append)
    timer.join()
    assert other.beat()


@pytest.mark.parametrize("text", ["", "{", "[]", json.dumps({"process": "x"})])
def test_a_file_that_says_nothing_is_held_by_nobody_known(tmp_path: Path, text: str) -> None:
    place, said = tmp_path / "run", list[str]()
    lease_file(place).write_text(text)
    silent_for(place, 200)
    Lease(place, Lease.new_token()).take(said.append)
    who = "process 0 on an unknown machine since an unknown time"
    assert said == [f"{who} wrote {place} and ended without a word: taken over"]

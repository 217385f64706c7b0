from __future__ import annotations

import hashlib
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from doxa.backend.named import locate
from doxa.backend.named.hub import download
from doxa.errors import ModelError

if TYPE_CHECKING:
    from pathlib import Path

    from hub_server import Hub

MODEL = b"GGUF" + bytes(range(256)) * 800
DIGEST = hashlib.sha256(MODEL).hexdigest()
REPO = "me/tiny"


@pytest.fixture
def one(hub: Hub) -> Hub:
    hub.add(REPO, {"tiny.gguf": MODEL})
    return hub


def blob(home: Path, ending: str = "") -> Path:
    return home / "hf" / "hub" / "models--me--tiny" / "blobs" / f"{DIGEST}{ending}"


def test_a_connection_that_breaks_is_made_again_from_where_it_broke(one: Hub) -> None:
    one.breaks = [1000, 2000]
    assert locate(f"hf:{REPO}").file.read_bytes() == MODEL
    assert [request.range for request in one.downloads()] == ["", "bytes=1000-", "bytes=3000-"]


def test_the_next_process_goes_on_where_a_download_broke(one: Hub, home: Path) -> None:
    one.breaks = [70_000] + [0] * 6
    with pytest.raises(ModelError, match=r"of tiny.gguf broke after 70 kB of 205 kB: run the s"):
        locate(f"hf:{REPO}")
    assert blob(home, ".incomplete").read_bytes() == MODEL[:70_000]
    one.heard.clear()
    one.breaks.clear()
    assert locate(f"hf:{REPO}").file.read_bytes() == MODEL
    assert [request.range for request in one.downloads()] == ["bytes=70000-"]
    assert not blob(home, ".incomplete").exists()


@pytest.mark.usefixtures("one")
def test_ctrl_c_leaves_what_came(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Pressed(Exception):  # noqa: N818 - stands for KeyboardInterrupt, which pytest keeps
        pass

    class Bar:
        def __init__(self, **_: Any) -> None:
            pass

        def __enter__(self) -> Bar:
            return self

        def __exit__(self, *_: object) -> None:
            pass

        def update(self, n: int) -> None:
            if n:
                raise Pressed

    blob(home).parent.mkdir(parents=True)
    blob(home, ".incomplete").write_bytes(MODEL[:50_000])
    with monkeypatch.context() as patch:
        patch.setattr(download, "_bar", lambda _: Bar)
        with pytest.raises(Pressed):
            locate(f"hf:{REPO}")
    assert blob(home, ".incomplete").read_bytes() == MODEL[:50_000]
    assert locate(f"hf:{REPO}").file.read_bytes() == MODEL


def test_two_at_once_download_it_once(one: Hub) -> None:
    one.stalls_after = 1000
    with ThreadPoolExecutor(2) as pool:
        asked = [pool.submit(locate, f"hf:{REPO}") for _ in range(2)]
        threading.Timer(0.3, one.goes_on.set).start()
        files = [each.result().file for each in asked]
    assert files[0] == files[1]
    assert files[0].read_bytes() == MODEL
    assert len(one.downloads()) == 1


def test_what_is_another_content_is_not_kept(one: Hub, home: Path) -> None:
    one.garbles = 1
    with pytest.raises(ModelError, match=rf"came as tiny.gguf has .* the hub says {DIGEST}: nothi"):
        locate(f"hf:{REPO}")
    assert list(blob(home).parent.iterdir()) == []
    assert locate(f"hf:{REPO}").file.read_bytes() == MODEL


@pytest.mark.usefixtures("one")
def test_a_broken_download_that_was_garbled_is_not_kept_either(home: Path) -> None:
    blob(home).parent.mkdir(parents=True)
    blob(home, ".incomplete").write_bytes(bytes(1000))
    with pytest.raises(ModelError, match="nothing of it is kept"):
        locate(f"hf:{REPO}")
    blob(home, ".incomplete").write_bytes(bytes(len(MODEL) + 1))
    assert locate(f"hf:{REPO}").file.read_bytes() == MODEL


@pytest.mark.usefixtures("one")
def test_a_copy_of_another_size_is_named() -> None:
    file = locate(f"hf:{REPO}").file
    file.resolve().write_bytes(MODEL[:-1])
    with pytest.raises(
        ModelError, match=rf"another size than the hub says: remove {file.resolve()}"
    ):
        locate(f"hf:{REPO}")


def test_a_file_without_a_sha256_or_too_large_is_left_to_the_client(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.add(REPO, {"tiny.gguf": MODEL}, plain=("tiny.gguf",))
    found = locate(f"hf:{REPO}")
    assert (found.file.read_bytes(), found.sha256) == (MODEL, "")
    hub.add("me/large", {"large.gguf": MODEL})
    monkeypatch.setattr(download, "_MOST_AT_ONCE", 10)
    assert locate("hf:me/large").file.read_bytes() == MODEL


def test_too_little_room_is_told_before_the_download(
    one: Hub, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        download.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 1000})()
    )
    with pytest.raises(ModelError, match=rf"needs 205 kB, and {home}/hf/hub has 1 kB free: make r"):
        locate(f"hf:{REPO}")
    assert not one.downloads()


@pytest.mark.usefixtures("one")
def test_a_disk_that_fills_up_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(download, "http_get", full)
    with pytest.raises(
        ModelError, match=r"the disk of the cache .* is full: make room, or set HF_H"
    ):
        locate(f"hf:{REPO}")


def test_progress_comes_in_lines_where_there_is_no_terminal(
    one: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(download, "_EVERY", 0.0)
    locate(f"hf:{REPO}", said.append)
    assert said[1].startswith("tiny.gguf: 1 kB of 205 kB, ")
    assert said[-1].startswith("tiny.gguf: 205 kB of 205 kB, ")
    assert said[-1].endswith(" MB a second, about 0 s left")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    assert one.downloads()
    assert download._bar(said.append) is download.hub_bar

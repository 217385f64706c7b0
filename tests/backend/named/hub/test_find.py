from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from huggingface_hub import constants

from doxa.backend.named import Located, locate
from doxa.errors import MissingExtraError, ModelError

if TYPE_CHECKING:
    from hub_server import Hub

MODEL = b"GGUF" + bytes(range(256)) * 800
REPO = "me/Tiny-GGUF"


@pytest.fixture
def said() -> list[str]:
    return []


def find(name: str, said: list[str]) -> Located:
    return locate(name, said.append)


def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)


def test_a_model_is_downloaded_once_and_known_by_its_commit(hub: Hub, said: list[str]) -> None:
    hub.add(REPO, {"old.gguf": MODEL})
    commit = hub.add(REPO, {"Tiny-Q8_0.gguf": MODEL, "README.md": b"# Tiny"})
    found = find(f"hf:{REPO}", said)
    assert found.file.read_bytes() == MODEL
    assert (found.name, found.sha256) == ("Tiny-Q8_0", hashlib.sha256(MODEL).hexdigest())
    assert found.origin == {
        "source": "Hugging Face", "repository": REPO, "commit": commit, "file": "Tiny-Q8_0.gguf",
    }  # fmt: skip
    assert said == [
        f"downloading Tiny-Q8_0.gguf (205 kB) of hf:{REPO} to {Path.home()}/hf/hub; "
        "stop with Ctrl-C, run the same again to go on"
    ]
    assert find(f"hf:{REPO}", said) == found
    assert len(hub.downloads()) == 1
    assert len(said) == 1


def test_a_newer_commit_is_taken_and_an_older_one_may_be_named(hub: Hub, said: list[str]) -> None:
    first = hub.add(REPO, {"tiny.gguf": MODEL})
    assert find(f"hf:{REPO}", said).origin["commit"] == first
    second = hub.add(REPO, {"tiny.gguf": MODEL + b"1"})
    assert find(f"hf:{REPO}", said).origin["commit"] == second
    assert find(f"hf:{REPO}@{first}", said).file.read_bytes() == MODEL
    with pytest.raises(ModelError, match="has no revision v2: give a branch, a tag or a commit"):
        find(f"hf:{REPO}@v2", said)


def test_a_quantisation_or_file_is_chosen_and_told(hub: Hub, said: list[str]) -> None:
    kinds = ("Q2_K", "Q4_K_M", "Q8_0")
    hub.add(REPO, {f"Tiny-{kind}.gguf": MODEL + kind.encode() for kind in kinds})
    assert find(f"hf:{REPO}:q8_0", said).name == "Tiny-Q8_0"
    assert find(f"hf:{REPO}:Tiny-Q2_K.gguf", said).name == "Tiny-Q2_K"
    said.clear()
    assert find(f"hf:{REPO}", said).name == "Tiny-Q4_K_M"
    assert said[0] == f"hf:{REPO} has 3 models: Tiny-Q4_K_M.gguf (205 kB) is taken"
    with pytest.raises(ModelError, match=r"has no Q4_K_S: there are Q2_K \(205 kB\).*near it: Q4_"):
        find(f"hf:{REPO}:Q4_K_S", said)
    hub.add("me/plain", {"README.md": b"# No model"})
    with pytest.raises(ModelError, match="hf:me/plain has no GGUF model"):
        find("hf:me/plain", said)


def test_a_model_in_several_files_is_brought_whole(hub: Hub, said: list[str]) -> None:
    parts = {f"BF16/big-BF16-{n:05d}-of-00003.gguf": MODEL + bytes([n]) for n in (1, 2, 3)}
    hub.add(REPO, parts)
    found = find(f"hf:{REPO}:BF16", said)
    assert (found.name, found.sha256) == ("big-BF16", "")
    assert found.file.name == "big-BF16-00001-of-00003.gguf"
    folder = found.file.parent.parent
    assert {file: (folder / file).read_bytes() for file in parts} == parts
    del parts["BF16/big-BF16-00002-of-00003.gguf"]
    hub.add(REPO, parts)
    with pytest.raises(
        ModelError, match=r"lacks BF16/big-BF16-00002-of-00003.gguf, a part of BF16"
    ):
        find(f"hf:{REPO}:BF16", said)


def test_offline_the_cache_is_used_and_told(
    hub: Hub, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = hub.add(REPO, {"Tiny-Q8_0.gguf": MODEL, "Tiny-Q2_K.gguf": MODEL + b"2"})
    online = find(f"hf:{REPO}:Q8_0", said)
    offline(monkeypatch)
    heard, told = len(hub.heard), f"Tiny-Q8_0.gguf of commit {commit[:12]} is taken from the cache"
    said.clear()
    assert find(f"hf:{REPO}", said) == online
    assert said == [f"hf:{REPO}: HF_HUB_OFFLINE is set: {told}"]
    assert len(hub.heard) == heard
    assert find(f"hf:{REPO}@{commit}:Q8_0", said) == online
    with pytest.raises(ModelError, match=r"OFFLINE is set, so only the cache .* no Q2_K: there"):
        find(f"hf:{REPO}:Q2_K", said)
    with pytest.raises(
        ModelError, match=rf"OFFLINE is set, and .* not hold it; it holds {REPO}: near it"
    ):
        find("hf:me/Tiny", said)


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_hub_that_is_down_is_as_offline(hub: Hub, said: list[str], status: int) -> None:
    hub.add(REPO, {"tiny.gguf": MODEL})
    online = find(f"hf:{REPO}", said)
    hub.answers = status
    said.clear()
    assert find(f"hf:{REPO}", said) == online
    assert said[0].startswith(f"hf:{REPO}: {hub.address} answers {status}: tiny.gguf of commit")


def test_without_a_network_the_cache_is_used(
    hub: Hub, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.add(REPO, {"tiny.gguf": MODEL})
    online = find(f"hf:{REPO}", said)
    monkeypatch.setattr(constants, "ENDPOINT", "http://me:hunter2@127.0.0.1:9")
    said.clear()
    assert find(f"hf:{REPO}", said) == online
    assert said[0].startswith(f"hf:{REPO}: http://***@127.0.0.1:9 cannot be reached: tiny.gguf")


def test_what_is_no_name_is_told(hub: Hub, said: list[str]) -> None:
    for name in ("hf:tiny", "hf:", "hf:a/b/c", "hf:a/b:c:d", "hf:a/b@", "hf:a/.."):
        with pytest.raises(
            ModelError, match=r"is no name: write hf:owner/repository|no repository"
        ):
            find(name, said)
    assert not hub.downloads()


def test_without_the_client_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(MissingExtraError, match=r'pip install "doxa\[hub\]"'):
        locate("hf:me/tiny")


def test_the_client_s_own_variables_are_read(hub: Hub, tmp_path: Path) -> None:
    """A mirror, a cache elsewhere and a token, given as environment variables to a new process."""
    hub.add(REPO, {"tiny.gguf": MODEL}, gated=True, readers=("hf_letmein",))
    environment = {
        **os.environ,
        "HF_ENDPOINT": hub.address,
        "HF_HUB_CACHE": str(tmp_path / "elsewhere"),
        "HF_TOKEN": "hf_letmein",
    }
    code = f"from doxa.backend.named import locate; print(locate('hf:{REPO}').file)"

    def run(**more: str) -> str:
        command = [sys.executable, "-c", code]
        done = subprocess.run(
            command, env=environment | more, check=True, capture_output=True, text=True
        )
        assert done.stderr == ""  # the client's own words may hold addresses and keys
        return done.stdout.strip()

    assert Path(run()).is_relative_to(tmp_path / "elsewhere" / "models--me--Tiny-GGUF")
    assert {one.token for one in hub.heard if REPO in one.path} == {"hf_letmein"}
    # the token does not go to the host that keeps the files
    assert [one.token for one in hub.downloads()] == [""]
    assert Path(run(HF_HUB_OFFLINE="1")).read_bytes() == MODEL
    assert Path(run(HF_ENDPOINT="http://me:hunter2@127.0.0.1:9")).read_bytes() == MODEL

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from model_stores import HOST, ollama_blob, ollama_manifest, ollama_model
from tiny_models import bigram, random_model

from doxa.backend.named.ollama import locate_ollama, manifests, stores
from doxa.errors import ModelError

if TYPE_CHECKING:
    import os

WEIGHTS = b"GGUF and so on"


@pytest.fixture
def store(home: Path) -> Path:
    return home / ".ollama" / "models"


def test_a_model_is_the_blob_of_its_weights(store: Path) -> None:
    file = ollama_model(store, "library/tiny:1b", model=bigram().read_bytes(), license=b"free")
    said: list[str] = []
    found = locate_ollama("tiny:1b", said.append)
    digest = hashlib.sha256(bigram().read_bytes()).hexdigest()
    assert found.file == store / "blobs" / f"sha256-{digest}"
    assert (found.name, found.sha256, said) == ("tiny:1b", digest, [])
    manifest = hashlib.sha256(file.read_bytes()).hexdigest()
    assert found.origin == {
        "source": "Ollama",
        "model": "tiny:1b",
        "manifest": f"sha256:{manifest}",
    }


@pytest.mark.parametrize(
    ("kept", "typed", "shown"),
    [
        ("library/tiny:latest", "tiny", "tiny:latest"),
        ("library/tiny:latest", "Tiny:Latest", "tiny:latest"),
        ("library/tiny:latest", f"{HOST}/library/tiny", "tiny:latest"),
        ("me/tiny:q8", "me/tiny:q8", "me/tiny:q8"),
        ("hf.co/me/tiny-GGUF:Q4_K_M", "hf.co/me/tiny-GGUF:Q4_K_M", "hf.co/me/tiny-GGUF:Q4_K_M"),
    ],
)
def test_names_are_those_of_ollama(store: Path, kept: str, typed: str, shown: str) -> None:
    ollama_model(store, kept, model=WEIGHTS)
    assert locate_ollama(typed, print).name == shown


def test_the_store_may_be_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert stores() == []
    monkeypatch.setenv("OLLAMA_MODELS", f' "{tmp_path}/elsewhere" ')
    ollama_model(tmp_path / "elsewhere", model=WEIGHTS)
    assert list(manifests()) == ["tiny:latest"]


def test_newer_stores_link_manifests_to_blobs(store: Path) -> None:
    blob = ollama_blob(store, json.dumps(ollama_manifest(store, model=WEIGHTS)).encode())
    link = store / "manifests-v2" / HOST / "library" / "tiny" / "latest"
    link.parent.mkdir(parents=True)
    link.symlink_to(store / "blobs" / blob["digest"].replace(":", "-"))
    assert locate_ollama("tiny", print).file.read_bytes() == WEIGHTS
    assert locate_ollama("tiny", print).origin["manifest"] == blob["digest"]


@pytest.mark.parametrize("by", ["reference", "value"])
def test_of_a_list_of_manifests_that_with_a_gguf_file_is_taken(store: Path, by: str) -> None:
    wanted = ollama_manifest(store, model=WEIGHTS)
    listed = (
        wanted if by == "value" else ollama_blob(store, json.dumps(wanted).encode())
    ) | {"runner": "ollama", "format": "gguf"}  # fmt: skip
    other = ollama_manifest(store, tensor=b"x") | {"runner": "mlx", "format": "safetensors"}
    ollama_model(store, model=b"old").write_text(
        json.dumps({"mediaType": "application/vnd.ollama.manifest.list.v2+json",
                    "manifests": [other, listed]})
    )  # fmt: skip
    assert locate_ollama("tiny", print).file.read_bytes() == WEIGHTS


def test_what_doxa_leaves_aside_is_told_and_kept(store: Path) -> None:
    said: list[str] = []
    for name, chat in (("library/tiny:latest", True), ("library/base:latest", False)):
        content = random_model(chat=chat).read_bytes()
        ollama_model(store, name, model=content, template=b"{{ .Prompt }}", system=b"Hi",
                     projector=b"p")  # fmt: skip
        found = locate_ollama(name.partition("/")[2], said.append)
        assert found.origin["unused"] == "template, system prompt, projector for images"
    unused = "what Ollama adds to the file is not used (template, system prompt, projector for imag"
    for name, line in zip(("tiny", "base"), said, strict=True):
        assert line.startswith(f"ollama:{name}:latest: {unused}")
    assert said[0].endswith(
        "doxa asks through the chat template in the GGUF file, which may differ"
    )
    assert said[1].endswith("the GGUF file has no chat template, so doxa asks it as a base model")


@pytest.mark.parametrize(
    ("layers", "why"),
    [
        ({"model": WEIGHTS, "adapter": b"l"}, "is an adapter .* without the adapter .*sha256-"),
        ({"tensor": b"t"}, "single tensors for Ollama's own engine"),
        ({"license": b"free"}, "no weights on this machine"),
    ],
)
def test_what_doxa_cannot_run_is_refused(store: Path, layers: dict[str, bytes], why: str) -> None:
    ollama_model(store, **layers)
    with pytest.raises(ModelError, match=why):
        locate_ollama("tiny", print)


def test_several_files_of_weights_are_refused(store: Path) -> None:
    file = ollama_model(store, model=WEIGHTS)
    manifest = json.loads(file.read_bytes())
    manifest["layers"] *= 2
    file.write_text(json.dumps(manifest))
    with pytest.raises(ModelError, match="has 2 files of weights"):
        locate_ollama("tiny", print)


def test_a_blob_that_is_missing_or_cut_is_told(store: Path) -> None:
    ollama_model(store, model=WEIGHTS)
    blob = locate_ollama("tiny", print).file
    blob.write_bytes(WEIGHTS[:4])
    with pytest.raises(ModelError, match=r"has 4 bytes and should have 14: run  ollama rm tiny"):
        locate_ollama("tiny", print)
    blob.unlink()
    with pytest.raises(ModelError, match=r"cannot be read: .*: run  ollama pull tiny:latest"):
        locate_ollama("tiny", print)


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", '{"layers": [1]}', '{"layers": [{"digest": "x"}]}', '{"manifests": [{}]}',
     '{"layers": [{"digest": "../../etc", "mediaType": "m", "size": 1}]}', "[" * 9999],
)  # fmt: skip
def test_a_damaged_manifest_is_told_in_one_line(store: Path, text: str) -> None:
    ollama_model(store, model=WEIGHTS).write_text(text)
    with pytest.raises(ModelError, match=r"its manifest .* is damaged: run  ollama pull tiny"):
        locate_ollama("tiny", print)


def test_a_store_that_is_closed_to_the_user_is_told(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stat, closed = type(store).stat, Path("/usr/share/ollama/.ollama/models")

    def refused(path: Path, **options: bool) -> os.stat_result:
        if path == closed or path.name.startswith("sha256-"):
            raise PermissionError(13, "Permission denied")
        return stat(path, **options)

    monkeypatch.setattr(Path, "stat", refused)
    with pytest.raises(ModelError, match=f"you may not read Ollama's store {closed}: join the gro"):
        locate_ollama("tiny", print)
    ollama_model(store, model=WEIGHTS)
    with pytest.raises(ModelError, match=r"you may not read .*/blobs/sha256-.*: join the group"):
        locate_ollama("tiny", print)


def test_an_unknown_name_says_what_is_near(store: Path) -> None:
    with pytest.raises(ModelError, match="there is no store of Ollama here: install it there"):
        locate_ollama("llama3", print)
    for name in ("library/llama3.2:3b", "library/gemma3:1b"):
        ollama_model(store, name, model=WEIGHTS)
    with pytest.raises(ModelError, match=r"near it are llama3.2:3b, gemma3:1b; doxa models lists"):
        locate_ollama("llama3.1:3b", print)
    for odd in ("", "/", "a/b/c/d/e", "../../x:y"):
        with pytest.raises(ModelError, match="no model ollama:"):
            locate_ollama(odd, print)

"""Folders of models, laid out as the programs that keep them lay them out."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

HOST = "registry.ollama.ai"


def ollama_blob(store: Path, content: bytes) -> dict[str, Any]:
    """Keep a blob as Ollama does, and return its digest and size as a manifest lists them."""
    digest = hashlib.sha256(content).hexdigest()
    blob = store / "blobs" / f"sha256-{digest}"
    blob.parent.mkdir(parents=True, exist_ok=True)
    blob.write_bytes(content)
    return {"digest": f"sha256:{digest}", "size": len(content)}


def ollama_manifest(store: Path, **layers: bytes) -> dict[str, Any]:
    """Keep layers by their kinds, and return a manifest that lists them."""
    config = json.dumps({"model_format": "gguf", "model_family": "llama"}).encode()
    return {
        "schemaVersion": 2,
        "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
        "config": {
            "mediaType": "application/vnd.docker.container.image.v1+json",
            **ollama_blob(store, config),
        },
        "layers": [
            {"mediaType": f"application/vnd.ollama.image.{kind}", **ollama_blob(store, content)}
            for kind, content in layers.items()
        ],
    }


def ollama_model(store: Path, name: str = "library/tiny:latest", **layers: bytes) -> Path:
    """Add a model to a store of Ollama, and return its manifest's file.

    `name` is ``[host/]namespace/model:tag``; `layers` are their contents by their kinds.
    """
    path, _, tag = name.rpartition(":")
    path = path if path.count("/") == 2 else f"{HOST}/{path}"
    file = store / "manifests" / path / tag
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(ollama_manifest(store, **layers)), encoding="utf-8")
    return file


def lm_studio_model(folder: Path, name: str, content: bytes) -> Path:
    """Add a file to LM Studio's folder of models, and return its path."""
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    return file

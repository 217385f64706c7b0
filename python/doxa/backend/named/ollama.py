"""Models in Ollama's own store; nothing is copied.

A store has a manifest for each model, ``manifests/<host>/<namespace>/<model>/<tag>``, which lists
layers by their digests, and the layers themselves in ``blobs/sha256-<digest>``. The layer of the
weights is a GGUF file. Newer versions keep manifests in ``manifests-v2``.
"""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from doxa.backend.header import read_header
from doxa.backend.named.located import Located
from doxa.backend.named.near import hint
from doxa.backend.named.places import is_folder
from doxa.errors import ModelError
from doxa.files import reason
from doxa.outside.documents import json_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from doxa.backend.named.located import Told

__all__ = ["Manifest", "locate_ollama", "manifests", "read_manifest", "stores", "weights"]

_HOST: Final = "registry.ollama.ai"
_NAMESPACE: Final = "library"
_KIND: Final = "application/vnd.ollama.image."
_DIGEST: Final = re.compile(r"sha256[:-]([0-9a-fA-F]{64})")
_LARGEST: Final = 4_000_000
"""The most bytes that are read of a manifest; real ones have a few thousand."""
_JOIN: Final = "join the group that may (often  sudo usermod -aG ollama $USER), or copy the model"
_UNUSED: Final = {
    "template": "template",
    "system": "system prompt",
    "params": "parameters",
    "messages": "messages",
    "projector": "projector for images",
}
"""The layers that doxa leaves aside."""


class Manifest(NamedTuple):
    """What Ollama knows of a model.

    Attributes
    ----------
    name : str
        Its name as Ollama shows it, such as ``"llama3.2:3b"``.
    digest : str
        The SHA-256 of the manifest.
    layers : list of (str, str, int)
        The kind of each layer, its SHA-256, and its size in bytes.
    store : pathlib.Path
        The store that it is in.
    """

    name: str
    digest: str
    layers: list[tuple[str, str, int]]
    store: Path

    def blob(self, digest: str) -> Path:
        """Return the file of a layer."""
        return self.store / "blobs" / f"sha256-{digest}"


def stores() -> list[Path]:
    """Return the folders where Ollama keeps models, those that exist.

    ``OLLAMA_MODELS``, where it is set; else those of the user, and those of the service.
    """
    return [place for place in _places() if is_folder(place)]


def _places() -> list[Path]:
    """Return the folders where Ollama may keep models."""
    given = os.environ.get("OLLAMA_MODELS", "").strip().strip("\"'")
    if given:
        return [Path(given)]
    service = [Path("/usr/share/ollama/.ollama/models"), Path("/var/lib/ollama")]
    return [Path.home() / ".ollama" / "models", *service]


def _closed() -> Path | None:
    """Return a place that this user may not look into, as the service's often is."""
    for place in _places():
        try:
            place.stat()
        except PermissionError:
            return place
        except OSError:
            continue
    return None


def manifests() -> dict[str, tuple[Path, Path]]:
    """Return the store and the manifest's file of every model, by the name that Ollama shows."""
    found: dict[str, tuple[Path, Path]] = {}
    for store in stores():
        for root in (store / "manifests-v2", store / "manifests"):
            for file in sorted(root.glob("*/*/*/*")):
                if not file.is_dir() and not file.name.startswith("."):
                    found.setdefault(_shown(*file.relative_to(root).parts), (store, file))
    return found


def read_manifest(name: str, store: Path, file: Path) -> Manifest:
    """Read a model's manifest.

    Raises
    ------
    ModelError
        It is damaged, or of a form that is not known.
    """
    content = _read(name, file)
    parsed = _parsed(name, file, content)
    if isinstance(parsed.get("manifests"), list):
        parsed = _chosen(name, store, file, parsed["manifests"])
    layers = []
    for layer in parsed.get("layers") or ():
        digest = _DIGEST.fullmatch(str(layer["digest"]))
        if digest is None:
            raise _damaged(name, file)
        kind = str(layer["mediaType"]).removeprefix(_KIND)
        layers.append((kind, digest[1].lower(), int(layer["size"])))
    return Manifest(name, hashlib.sha256(content).hexdigest(), layers, store)


def locate_ollama(name: str, told: Told) -> Located:
    """Find a model that Ollama has.

    Parameters
    ----------
    name : str
        Its name as for ``ollama run``: ``[host/][namespace/]model[:tag]``.
    told : callable
        Called with what the user should know.

    Raises
    ------
    ModelError
        It is not there, not whole, or nothing that doxa can run.
    """
    known = manifests()
    wanted = _wanted(name)
    found = {one.casefold(): one for one in known}.get(wanted.casefold())
    if found is None:
        raise ModelError(f"no model ollama:{name}: {_missing(wanted, known)}")
    manifest = read_manifest(found, *known[found])
    file, digest = weights(manifest)
    kinds = {kind for kind, _, _ in manifest.layers}
    unused = ", ".join(words for kind, words in _UNUSED.items() if kind in kinds)
    if unused:
        instead = (
            "doxa asks through the chat template in the GGUF file, which may differ"
            if read_header(file).chat_template
            else "the GGUF file has no chat template, so doxa asks it as a base model"
        )
        told(f"ollama:{found}: what Ollama adds to the file is not used ({unused}): {instead}")
    origin = {"source": "Ollama", "model": found, "manifest": f"sha256:{manifest.digest}"}
    return Located(file, found, origin | ({"unused": unused} if unused else {}), digest)


def weights(manifest: Manifest) -> tuple[Path, str]:
    """Return the file of a model's weights, and the SHA-256 that it should have.

    Raises
    ------
    ModelError
        It is not whole, or nothing that doxa can run.
    """
    digest, size = _layer(manifest)
    name, file = manifest.name, manifest.blob(digest)
    try:
        actual = file.stat().st_size
    except PermissionError:
        raise ModelError(f"ollama:{name}: you may not read {file}: {_JOIN}") from None
    except OSError as error:
        raise ModelError(
            f"ollama:{name}: its file {file} cannot be read: {reason(error)}: run  "
            f"ollama pull {name}"
        ) from None
    if actual != size:
        raise ModelError(
            f"ollama:{name}: its file {file} has {actual:,} bytes and should have {size:,}: "
            f"run  ollama rm {name}  and  ollama pull {name}"
        )
    return file, digest


def _missing(wanted: str, known: Iterable[str]) -> str:
    """Say why there is no model of a name, and what to do."""
    if stores():
        return f"Ollama does not have it here: {hint(wanted, known)}"
    if closed := _closed():
        return f"you may not read Ollama's store {closed}: {_JOIN}"
    return "there is no store of Ollama here: install it there, or set OLLAMA_MODELS"


def _wanted(name: str) -> str:
    """Return the name that Ollama would show for a name that a user types."""
    path, slash, last = name.rpartition("/")
    model, _, tag = last.partition(":")
    names = (path.split("/") if slash else []) + [model, tag or "latest"]
    whole = [*[_HOST, _NAMESPACE][: 4 - len(names)], *names] if len(names) < 4 else names
    return _shown(*whole) if len(whole) == 4 and all(whole) else name


def _shown(host: str, namespace: str, model: str, tag: str) -> str:
    """Return the shortest name of a model, as Ollama shows it."""
    name = f"{model}:{tag}"
    if host.casefold() != _HOST:
        return f"{host}/{namespace}/{name}"
    return name if namespace.casefold() == _NAMESPACE else f"{namespace}/{name}"


def _layer(manifest: Manifest) -> tuple[str, int]:
    """Return the digest and the size of the weights, if doxa can run them."""
    where = f"ollama:{manifest.name}"
    models = [(digest, size) for kind, digest, size in manifest.layers if kind == "model"]
    kinds = {kind for kind, _, _ in manifest.layers}
    if "adapter" in kinds:
        file = manifest.blob(models[0][0]) if models else manifest.store
        raise ModelError(
            f"{where} is an adapter (LoRA) on other weights, which doxa cannot apply: merge them "
            f"into one GGUF file; without the adapter its weights are {file}"
        )
    if "tensor" in kinds:
        raise ModelError(
            f"{where} is not a GGUF file but single tensors for Ollama's own engine: take another "
            "tag, or a GGUF file"
        )
    if not models:
        raise ModelError(
            f"{where} has no weights on this machine (a cloud model?): take one that runs here"
        )
    if len(models) > 1:
        raise ModelError(
            f"{where} has {len(models)} files of weights, and doxa reads one: take another model"
        )
    return models[0]


def _chosen(name: str, store: Path, file: Path, children: list[Any]) -> dict[str, Any]:
    """Return the manifest in a list whose weights are a GGUF file, or the first one."""
    for child in sorted(children, key=lambda one: _rank(one)):
        if child.get("layers"):
            return dict(child)
        digest = _DIGEST.fullmatch(str(child.get("digest", "")))
        if digest is not None:
            blob = store / "blobs" / f"sha256-{digest[1].lower()}"
            return _parsed(name, blob, _read(name, blob))
    raise _damaged(name, file)


def _rank(child: Any) -> int:
    return 0 if child.get("format") == "gguf" else 2 if child.get("runner") == "mlx" else 1


def _read(name: str, file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            return stream.read(_LARGEST)
    except OSError as error:
        raise ModelError(f"ollama:{name}: {file} cannot be read: {reason(error)}") from None


def _parsed(name: str, file: Path, content: bytes) -> dict[str, Any]:
    """Read the JSON of a manifest, and check its form as far as it is used."""
    try:
        found = json_of(content)
        for one in [found, *(found.get("manifests") or ())]:
            one.get("digest")
            for layer in one.get("layers") or ():
                layer["digest"], layer["mediaType"], int(layer["size"])
    except (ValueError, ArithmeticError, TypeError, LookupError, AttributeError):
        raise _damaged(name, file) from None
    return dict(found)


def _damaged(name: str, file: Path) -> ModelError:
    return ModelError(f"ollama:{name}: its manifest {file} is damaged: run  ollama pull {name}")

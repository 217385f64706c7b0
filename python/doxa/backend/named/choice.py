"""Which of a folder's or a repository's GGUF files is meant."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from doxa.backend import shards
from doxa.backend.named.near import near
from doxa.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["PREFERRED", "choose", "models_among", "quantization", "size_words"]

PREFERRED: Final = ("Q4_K_M", "Q4_0", "Q8_0")
"""The quantisations that are taken where none is named, the first that is there."""

_QUANTIZATION: Final = re.compile(
    r"(?<![a-z0-9])((?:ud-)?(?:i?q\d+_[a-z0-9_]+|tq\d_0|bf16|fp?16|fp?32|mxfp4(?:_moe)?|nvfp4))"
    r"(?![a-z0-9])",
    re.IGNORECASE,
)
_ASIDE: Final = re.compile(r"mmproj|imatrix", re.IGNORECASE)


def quantization(file: str) -> str:
    """Return the quantisation that a file's name tells, in capitals, ``""`` for none.

    Examples
    --------
    >>> quantization("Qwen3-4B-UD-Q4_K_XL.gguf"), quantization("Q8_0/m-00001-of-00002.gguf")
    ('UD-Q4_K_XL', 'Q8_0')
    >>> quantization("model.gguf")
    ''
    """
    found = _QUANTIZATION.findall(file)
    return str(found[-1]).upper() if found else ""


def models_among(sizes: Mapping[str, int]) -> dict[str, int]:
    """Return the models among files, with their sizes; of several files, the first stands for all.

    Projectors and importance matrices, which come beside models, are left out.

    Parameters
    ----------
    sizes : Mapping of str to int
        Names of files, folders included, and their sizes in bytes.

    Examples
    --------
    >>> models_among({"a-00001-of-00002.gguf": 5, "a-00002-of-00002.gguf": 3, "mmproj-a.gguf": 1})
    {'a-00001-of-00002.gguf': 8}
    """
    return {
        file: sum(sizes.get(part, 0) for part in shards.names(file))
        for file in sorted(sizes)
        if file.lower().endswith(".gguf")
        and shards.number(file) == 1
        and not _ASIDE.search(file.rpartition("/")[2])
    }


def choose(models: Mapping[str, int], wanted: str, where: str, mark: str) -> str:
    """Return the file that is meant.

    Parameters
    ----------
    models : Mapping of str to int
        The models that there are, as from `models_among`.
    wanted : str
        A file or a quantisation; ``""`` for the only model, else the first of `PREFERRED` that is
        there.
    where : str
        What has these files, for messages.
    mark : str
        What stands between `where` and a quantisation.

    Raises
    ------
    ModelError
        It is not there, or it is not clear which one is meant.

    Examples
    --------
    >>> choose({"m-Q4_0.gguf": 2, "m-Q8_0.gguf": 4}, "q8_0", "hf:me/m", ":")
    'm-Q8_0.gguf'
    """
    if not models:
        raise ModelError(f"{where} has no GGUF model: take a repository with GGUF files")
    if wanted in models:
        return wanted
    named = [file for file in models if wanted and file.rpartition("/")[2] == wanted]
    if not wanted:
        if len(models) == 1:
            return next(iter(models))
        kinds = {file: quantization(file) for file in models}
        for kind in PREFERRED:
            if named := [file for file in models if kinds[file] == kind]:
                break
    elif not named:
        kind = wanted.upper()
        found = {file: quantization(file) for file in models}
        named = [file for file, one in found.items() if one == kind]
        named = named or [file for file, one in found.items() if one == f"UD-{kind}"]
    if len(named) == 1:
        return named[0]
    among = {file: models[file] for file in named} or dict(models)
    listed = ", ".join(f"{_short(file, among)} ({size_words(n)})" for file, n in among.items())
    if named:
        raise ModelError(f"{where} has several such models: name a file: {listed}")
    if not wanted:
        raise ModelError(
            f"{where} has {len(models)} models: name one with {where}{mark}…: {listed}"
        )
    alike = near(wanted, [_short(file, among) for file in among])
    like = f"; near it: {', '.join(alike)}" if alike and len(among) > len(alike) else ""
    raise ModelError(f"{where} has no {wanted}: there are {listed}{like}")


def size_words(size: int) -> str:
    """Write a number of bytes as people read it.

    Examples
    --------
    >>> size_words(4_683_074_048), size_words(98_000_000), size_words(512)
    ('4.7 GB', '98 MB', '1 kB')
    """
    if size >= 1e9:
        return f"{size / 1e9:.1f} GB"
    return f"{size / 1e6:.0f} MB" if size >= 1e6 else f"{-(-size // 1000)} kB"


def _short(file: str, among: Mapping[str, int]) -> str:
    """Return a file's quantisation where only it has that, else its name."""
    kind = quantization(file)
    return kind if kind and [quantization(one) for one in among].count(kind) == 1 else file

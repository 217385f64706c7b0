"""Models in LM Studio's folder, ``<publisher>/<repository>/<file>``; nothing is copied."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from doxa.backend import shards
from doxa.backend.named.choice import choose, models_among
from doxa.backend.named.located import Located
from doxa.backend.named.near import hint
from doxa.backend.named.places import is_folder
from doxa.errors import ModelError
from doxa.outside.documents import json_of

if TYPE_CHECKING:
    from doxa.backend.named.located import Told

__all__ = ["folders", "locate_lm_studio", "repositories", "sizes_in"]


def folders() -> list[Path]:
    """Return the folders where LM Studio keeps models, those that exist.

    LM Studio's home is named in ``~/.lmstudio-home-pointer``; else it is ``~/.lmstudio``, or
    ``~/.cache/lm-studio`` of older versions. Its settings may name another folder of models.
    """
    user = Path.home()
    homes = [user / ".lmstudio", user / ".cache" / "lm-studio"]
    with suppress(OSError, ValueError):
        pointed = (user / ".lmstudio-home-pointer").read_text(encoding="utf-8").strip()
        if pointed:
            homes.insert(0, Path(pointed))
    places = []
    for home in homes:
        with suppress(OSError, ValueError, TypeError, LookupError):
            places.append(Path(json_of((home / "settings.json").read_bytes())["downloadsFolder"]))
        places.append(home / "models")
    return [place for place in dict.fromkeys(places) if is_folder(place)]


def repositories() -> dict[str, Path]:
    """Return the folder of every repository, by its name."""
    found: dict[str, Path] = {}
    for place in folders():
        for folder in sorted(place.glob("*/*")):
            if folder.is_dir():
                found.setdefault("/".join(folder.relative_to(place).parts), folder)
    return found


def sizes_in(folder: Path) -> dict[str, int]:
    """Return the sizes of a repository's GGUF files, by their names in it."""
    found = {}
    for pattern in ("*.gguf", "*/*.gguf"):
        for file in sorted(folder.glob(pattern)):
            with suppress(OSError):
                found["/".join(file.relative_to(folder).parts)] = file.stat().st_size
    return found


def locate_lm_studio(name: str, told: Told) -> Located:  # noqa: ARG001 - as every source's
    """Find a model that LM Studio has.

    Parameters
    ----------
    name : str
        ``owner/repository``, or ``owner/repository/file``; a quantisation may stand for the file.
    told : callable
        Not used.

    Raises
    ------
    ModelError
        It is not there, or it is not clear which of several is meant.
    """
    owner, _, rest = name.partition("/")
    repository, _, wanted = rest.partition("/")
    wanted_name, known = f"{owner}/{repository}", repositories()
    found = {one.casefold(): one for one in known}.get(wanted_name.casefold())
    if found is None:
        here = folders()
        why = "LM Studio does not have it here" if here else "there is no folder of LM Studio here"
        remedy = hint(wanted_name, known) if here else "download it there first"
        raise ModelError(f"no model lmstudio:{name}: {why}: {remedy}")
    where = f"lmstudio:{found}"
    file = choose(models_among(sizes_in(known[found])), wanted, where, "/")
    path = shards.parts(known[found] / file)[0]
    origin = {"source": "LM Studio", "repository": found, "file": file}
    return Located(path, shards.stem(path.name), origin)

"""A folder of imports: which files it holds, and the ``manifest.json`` that lists them.

Each import has `counts-<id>.parquet` and `microdata-<id>.parquet`. If the survey file has no
respondents, it has `questions-<id>.jsonl` with the wording in place of microdata. `<id>` is a hash
of the survey file and of the options of the import.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from doxa.errors import SurveyError
from doxa.files import reason, replacing
from doxa.outside.documents import json_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["FILES", "count_files", "find_import", "read_manifest", "write_manifest"]

FILES: Final = {
    "counts": "counts-{}.parquet",
    "microdata": "microdata-{}.parquet",
    "questions": "questions-{}.jsonl",
}
"""The kinds of files that an import may have, and their names by its id."""

_MANIFEST: Final = "manifest.json"
_FORMAT: Final = 1


def read_manifest(folder: Path) -> list[dict[str, Any]]:
    """Read the imports of a folder; an empty list if it has no manifest.

    Raises
    ------
    SurveyError
        `folder` is a file, or its manifest cannot be read.
    """
    path = folder / _MANIFEST
    if folder.exists() and not folder.is_dir():
        raise SurveyError(f"{folder}: is a file, not a folder: choose another place")
    if not path.exists():
        return []
    try:
        manifest = json_of(path.read_bytes())
        found = manifest["format"]
        entries = manifest["imports"] if found == _FORMAT else ()
        imports = [{**entry, "counts": str(entry["counts"])} for entry in entries]
    except (OSError, ValueError, KeyError, TypeError) as error:
        why = f"no {error}" if isinstance(error, KeyError) else reason(error)
        raise SurveyError(f"{path}: cannot be read ({why}): import into a new folder") from None
    if found != _FORMAT:
        raise SurveyError(f"{path}: format {found} cannot be read: import into a new folder")
    return imports


def write_manifest(folder: Path, imports: Sequence[dict[str, Any]]) -> None:
    """Write the imports of a folder.

    Raises
    ------
    OSError
        The manifest cannot be written.
    """
    with replacing(folder / _MANIFEST) as partial:
        partial.write_text(json.dumps({"format": _FORMAT, "imports": imports}, indent=1) + "\n")


def find_import(imports: Sequence[dict[str, Any]], folder: Path, id_: str) -> dict[str, Any] | None:
    """Find an import by its id, if all its files are in the folder."""
    for entry in imports:
        files = [folder / entry[kind] for kind in FILES if kind in entry]
        if entry["id"] == id_ and all(file.is_file() for file in files):
            return entry
    return None


def count_files(folder: Path) -> list[Path]:
    """List the files of counts in a folder of imports.

    Raises
    ------
    SurveyError
        The folder holds no imports, or its manifest cannot be read.
    """
    if not (folder / _MANIFEST).exists():
        raise SurveyError(f"{folder}: no {_MANIFEST}: name a folder of imports, or a file")
    imports = read_manifest(folder)
    if not imports:
        raise SurveyError(f"{folder}: holds no imports: import a survey file into it")
    return [folder / entry["counts"] for entry in imports]

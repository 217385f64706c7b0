"""`doxa survey import`: survey files to counts and microdata in Parquet, safely.

A folder of imports holds, for each source file, `counts-<id>.parquet` and
`microdata-<id>.parquet`, and one `manifest.json` that lists them. `<id>` comes from the file's
content and from what was asked of it. Files are written beside their final names and moved; the
manifest is moved last, so a killed import leaves nothing that a reader would take for whole.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from doxa.errors import SurveyError
from doxa.survey.counts import MANIFEST
from doxa.survey.info import DataReport, describe
from doxa.survey.reading import read_survey

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import polars as pl

    from doxa.item import Item
    from doxa.survey.layout import Layout
    from doxa.survey.microdata import Microdata

__all__ = ["Imported", "import_files"]

_FORMAT: Final = 1
_PARTIAL: Final = ".partial"


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of one file.

    Attributes
    ----------
    file : str
        The source.
    counts, microdata : Path
        What was written, or was there already.
    already_there : bool
        Whether the same file had been imported before, so that nothing was done.
    report : DataReport or None
        The data report; None where nothing was done.
    """

    file: str
    counts: Path
    microdata: Path
    already_there: bool
    report: DataReport | None


def import_files(
    paths: Iterable[str | Path],
    out: str | Path,
    items: Mapping[str, Item],
    *,
    layout: Layout | None = None,
    by: Sequence[str] = (),
    weighted: bool = True,
) -> list[Imported]:
    """Import survey files into a folder.

    All files are read before anything is written; if one is bad, nothing changes.

    Parameters
    ----------
    paths : iterable of str or Path
        The files, as in `doxa.survey.read_survey`.
    out : str or Path
        The folder; it is made where there is none.
    items : mapping of str to Item
        The items to look for.
    layout, by, weighted
        As in `doxa.survey.read_survey`.

    Returns
    -------
    list of Imported
        One a file, in order.

    Raises
    ------
    SurveyError
        A file is bad, two files hold the same country and wave, or the folder cannot be
        written.
    """
    out = Path(out)
    manifest = _read_manifest(out)
    asked = {"by": list(by), "weighted": weighted, "items": sorted(items)}
    results: list[Imported] = []
    pending: list[tuple[dict[str, Any], pl.DataFrame, Microdata]] = []
    owners = {tuple(p): entry["file"] for entry in manifest for p in entry["populations"]}
    for path in paths:
        digest = _sha256(Path(path))
        key = hashlib.sha256(json.dumps([digest, asked], sort_keys=True).encode()).hexdigest()[:12]
        counts, microdata = out / f"counts-{key}.parquet", out / f"microdata-{key}.parquet"
        known = any(entry["id"] == key for entry in manifest)
        if known and counts.is_file() and microdata.is_file():
            results.append(Imported(str(path), counts, microdata, already_there=True, report=None))
            continue
        survey = read_survey(path, items, layout=layout, by=by, weighted=weighted)
        report = describe(survey)
        populations = [
            list(row)
            for row in survey.microdata.populations.select("survey", "wave", "country")
            .unique(maintain_order=True)
            .iter_rows()
        ]
        for population in populations:
            owner = owners.setdefault(tuple(population), str(path))
            if owner != str(path):
                name = f"{population[2]}, wave {population[1]}"
                raise SurveyError(f"{path}: {name} is in {owner} too: import only one of them")
        entry = {
            "id": key,
            "file": str(path),
            "sha256": digest,
            "version": report.version,
            "title": report.title,
            "policy": report.policy,
            "asked": asked,
            "populations": populations,
            "counts": counts.name,
            "microdata": microdata.name,
            "report": report.as_dict(),
        }
        pending.append((entry, survey.microdata.counts(), survey.microdata))
        results.append(Imported(str(path), counts, microdata, already_there=False, report=report))
    if pending:
        _write(out, manifest, pending)
    return results


def _write(
    out: Path,
    manifest: list[dict[str, Any]],
    pending: list[tuple[dict[str, Any], pl.DataFrame, Microdata]],
) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
        for leftover in out.glob(f"*{_PARTIAL}"):
            leftover.unlink()
        for entry, counts, microdata in pending:
            with _replacing(out / entry["counts"]) as partial:
                counts.write_parquet(partial)
            with _replacing(out / entry["microdata"]) as partial:
                microdata.write(partial)
        fresh = {entry["id"] for entry, _, _ in pending}
        entries = [e for e in manifest if e["id"] not in fresh] + [e for e, _, _ in pending]
        with _replacing(out / MANIFEST) as partial:
            partial.write_text(json.dumps({"format": _FORMAT, "imports": entries}, indent=1) + "\n")
    except OSError as error:
        raise SurveyError(f"{out}: cannot be written ({error.strerror or error})") from None


@contextlib.contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """Write to a file beside `path`, then move it there, whole and on disk."""
    partial = path.with_name(path.name + _PARTIAL)
    yield partial
    with partial.open("rb") as file:
        os.fsync(file.fileno())
    partial.replace(path)


def _read_manifest(out: Path) -> list[dict[str, Any]]:
    path = out / MANIFEST
    if out.exists() and not out.is_dir():
        raise SurveyError(f"{out}: is a file, not a folder: choose another place")
    if not path.exists():
        return []
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        if manifest["format"] != _FORMAT:
            raise SurveyError(f"{path}: format {manifest['format']} is not ours: use a new folder")
        return list(manifest["imports"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        if isinstance(error, SurveyError):
            raise
        raise SurveyError(f"{path}: cannot be read ({error}): use a new folder") from None


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        raise SurveyError(f"{path}: there is no such file") from None
    except OSError as error:
        raise SurveyError(f"{path}: cannot be read ({error.strerror or error})") from None

"""Importing survey files into a folder, as counts and microdata.

Each file is written under another name and moved when it is whole. The manifest is moved last, so a
killed import leaves nothing that looks complete.
"""

from __future__ import annotations

import functools
import hashlib
import io
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from doxa.errors import SurveyError
from doxa.files import reason, replacing
from doxa.files.lock import ProcessLock
from doxa.survey.data_report import DataReport, describe
from doxa.survey.grouping import split_names
from doxa.survey.known import shares_reader
from doxa.survey.manifest import FILES, find_import, read_manifest, write_manifest
from doxa.survey.own_labels import write_labels
from doxa.survey.reading import load_survey, refuse_unknown
from doxa.survey.source import require_reader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    import polars as pl

    from doxa.questionnaire.item import Item
    from doxa.survey.layout import Layout
    from doxa.survey.own_labels import UnknownLabel
    from doxa.survey.published import OpinionsReport, PublishedShares
    from doxa.survey.reading import LoadedSurvey, SurveyFile

__all__ = ["Imported", "import_files"]

_PARTIAL: Final = ".*.part"
_LOCK: Final = ".import.lock"
_PATIENCE: Final = 60.0
"""Seconds to wait while another process writes into the folder."""


@dataclass(frozen=True, slots=True)
class Imported:
    """The result of importing one file.

    Attributes
    ----------
    file : str
        The survey file.
    counts : Path
        The file of its counts.
    microdata : Path or None
        The file of its microdata; None where the survey file has no respondents.
    already_there : bool
        Whether the file was imported before; if so, nothing was done.
    report : DataReport, OpinionsReport or None
        What it holds; None where nothing was done.
    """

    file: str
    counts: Path
    microdata: Path | None
    already_there: bool
    report: DataReport | OpinionsReport | None


@dataclass(frozen=True, slots=True)
class _Pending:
    """One import, read and not yet written."""

    entry: dict[str, Any]
    contents: Mapping[str, Callable[[], bytes]]


def import_files(
    paths: Iterable[str | Path],
    out: str | Path,
    items: Mapping[str, Item],
    *,
    layout: Layout | None = None,
    by: Sequence[str] = (),
    weighted: bool = True,
    wave: int | None = None,
    labels: Path | None = None,
    strict: bool = False,
    keep_repeated: bool = False,
    as_labelled: bool = False,
    to_settle: Path | None = None,
    allow_missing_items: bool = False,
    progress: Callable[[str, int, int], None] | None = None,
) -> list[Imported]:
    """Import survey files into a folder.

    All files are read before anything is written; if one is bad, nothing changes. A file that was
    imported before with other options is imported again, in place of the earlier import.

    Parameters
    ----------
    paths : iterable of str or Path
        The files, as in `doxa.survey.read_survey`.
    out : str or Path
        The folder; it is created if it does not exist.
    items : mapping of str to Item
        The items to look for.
    layout, by, weighted, wave, labels, strict, keep_repeated
        As in `doxa.survey.read_survey`. If `strict`, the unknown labels of all files are told at
        once.
    as_labelled : bool
        As `doxa.survey.read_global_opinions` takes it; only for that data set.
    to_settle : pathlib.Path, optional
        A new file for the labels that no table knows, with suggestions, to complete and give as
        `labels`; written only if there are any.
    allow_missing_items : bool
        Whether a file of several countries may lack variables that every such file has.
    progress : callable, optional
        Called with a file's name and two numbers: 0 and 0 before the file is read, and then those
        that `doxa.survey.read_survey` gives.

    Returns
    -------
    list of Imported
        One for each file, in order.

    Raises
    ------
    SurveyError
        A file is bad or lacks an item, two files hold the same country and wave, or the folder
        cannot be written.
    MissingExtraError
        The library for a file's kind is not installed.
    """
    out, files = Path(out), [Path(path) for path in paths]
    for file in files:
        require_reader(file)
    by = split_names(by)
    manifest = read_manifest(out)
    asked = {
        "by": by,
        "weighted": weighted,
        "items": sorted(items),
        "wave": wave,
        "labels": None if labels is None else _sha256(labels),
        "strict": strict,
        "keep_repeated": keep_repeated,
        **({"as_labelled": True} if as_labelled else {}),
        **(
            {}
            if layout is None
            else {"described": hashlib.sha256(repr(layout).encode()).hexdigest()}
        ),
    }
    unknown: list[tuple[str, UnknownLabel]] = []
    sizes = {entry["size"] for entry in manifest}
    results: list[Imported] = []
    pending: list[_Pending] = []
    told: DataReport | OpinionsReport
    with ThreadPoolExecutor(max_workers=2) as background:
        for path in files:
            advance = None if progress is None else functools.partial(progress, path.name)
            if advance is not None:
                advance(0, 0)
            # Hashing is slow, and a file whose size is new cannot have been imported before.
            # Labels to settle are in the file alone.
            if to_settle is None and _size(path) in sizes:
                known = find_import(manifest, out, _name(_sha256(path), asked))
                if known is not None:
                    results.append(_result(path, out, known, None))
                    continue
            read_shares = shares_reader(path) if layout is None else None
            if read_shares is not None:
                _refuse_for_shares(path, asked)
                shares = read_shares(path, as_labelled=as_labelled)
                one, told = _encode_shares(shares, path, asked)
            else:
                if as_labelled:
                    raise SurveyError(f"{path}: is not GlobalOpinionQA: leave as_labelled out")
                loaded = load_survey(
                    path,
                    items,
                    layout=layout,
                    by=by,
                    weighted=weighted,
                    wave=wave,
                    labels=labels,
                    progress=advance,
                )
                one, told = _encode(loaded, path, asked, background, allow_missing_items)
                unknown += [(path.name, label) for label in told.unknown]
            pending.append(one)
            _claim(manifest, pending)
            results.append(_result(path, out, one.entry, told))
    if to_settle is not None and unknown:
        write_labels(to_settle, unknown, items)
    if strict:
        refuse_unknown(unknown)
    if pending:
        _write(out, pending)
    return results


def _encode(
    loaded: LoadedSurvey,
    path: Path,
    asked: dict[str, Any],
    background: ThreadPoolExecutor,
    allow_missing_items: bool,
) -> tuple[_Pending, DataReport]:
    """Encode what was read, while hashing and compressing run in the background."""
    digest = background.submit(_sha256, path)
    survey = loaded.encode(keep_repeated=asked["keep_repeated"])
    if not allow_missing_items:
        _require_all_items(survey)
    microdata = background.submit(_parquet, survey.microdata.write)
    counts = survey.microdata.counts()
    report = describe(survey, counts)
    keys = survey.microdata.populations.select("survey", "wave", "country")
    entry = _entry(path, digest.result(), asked, report, keys, ("counts", "microdata"))
    contents = {"counts": lambda: _parquet(counts.write_parquet), "microdata": microdata.result}
    return _Pending(entry, contents), report


def _encode_shares(
    shares: PublishedShares, path: Path, asked: dict[str, Any]
) -> tuple[_Pending, OpinionsReport]:
    """Encode published shares, which come without respondents."""
    report, keys = shares.report(path), shares.counts.select("survey", "wave", "country")
    entry = _entry(path, _sha256(path), asked, report, keys, ("counts", "questions"))
    contents = {
        "counts": lambda: _parquet(shares.counts.write_parquet),
        "questions": lambda: shares.questions().encode(),
    }
    return _Pending(entry, contents), report


def _refuse_for_shares(path: Path, asked: dict[str, Any]) -> None:
    """Raise if something was asked that only a file with respondents has."""
    if asked["by"]:
        raise SurveyError(
            f"{path}: has shares of answers but no respondents to group by "
            f"{asked['by'][0]!r}: leave the grouping out"
        )
    given = next((name for name in ("wave", "labels") if asked[name] is not None), None)
    if given:
        raise SurveyError(f"{path}: has shares of answers: leave the {given} out")


def _require_all_items(survey: SurveyFile) -> None:
    variables = survey.layout.variables
    absent = [variables[name].name for name in survey.missing_items]
    # The survey's exports of one country have the items that were asked there.
    one_country = survey.microdata.populations["country"].n_unique() == 1
    if survey.layout.complete and absent and not one_country:
        shown = ", ".join(absent[:5]) + (", …" if len(absent) > 5 else "")
        raise SurveyError(
            f"{survey.name}: {len(absent)} of {len(variables)} items are missing ({shown}): use "
            "the complete file, or allow missing items"
        )


def _claim(manifest: list[dict[str, Any]], pending: list[_Pending]) -> None:
    """Raise if two files hold the same population; a new import of a file replaces its old one."""
    fresh = [one.entry for one in pending]
    owners: dict[tuple[Any, ...], dict[str, Any]] = {}
    for entry in (*_kept(manifest, fresh), *fresh):
        for population in map(tuple, entry["populations"]):
            owner = owners.setdefault(population, entry)
            if owner["file"] != entry["file"]:
                _, wave, country = population
                raise SurveyError(
                    f"{entry['file']}: {country}, wave {wave} is in {owner['file']} too: import "
                    "only one of them"
                )


def _kept(manifest: list[dict[str, Any]], fresh: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """List the imports of other files than the fresh ones, by name and by content."""
    known = {entry[key] for entry in fresh for key in ("sha256", "file")}
    return [entry for entry in manifest if not {entry["sha256"], entry["file"]} & known]


def _entry(
    path: Path,
    digest: str,
    asked: dict[str, Any],
    report: DataReport | OpinionsReport,
    populations: pl.DataFrame,
    kinds: Sequence[str],
) -> dict[str, Any]:
    """Describe an import for the manifest."""
    name = _name(digest, asked)
    return {
        "id": name,
        "file": str(path),
        "size": _size(path),
        "sha256": digest,
        "version": report.version,
        "title": report.title,
        "policy": report.policy,
        "asked": asked,
        "populations": populations.unique(maintain_order=True).rows(),
        **{kind: FILES[kind].format(name) for kind in kinds},
        "report": report.as_dict(),
    }


def _name(digest: str, asked: dict[str, Any]) -> str:
    """Name an import by the file's content and by what was asked of it."""
    return hashlib.sha256(json.dumps([digest, asked], sort_keys=True).encode()).hexdigest()[:12]


def _result(
    path: Path, out: Path, entry: Mapping[str, Any], report: DataReport | OpinionsReport | None
) -> Imported:
    microdata = out / entry["microdata"] if "microdata" in entry else None
    return Imported(str(path), out / entry["counts"], microdata, report is None, report)


def _write(out: Path, pending: list[_Pending]) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
        with ProcessLock.acquire(out / _LOCK, patience=_PATIENCE):
            manifest = read_manifest(out)  # another process may have written since
            _claim(manifest, pending)
            for leftover in out.glob(_PARTIAL):
                leftover.unlink()
            for one in pending:
                for kind, content in one.contents.items():
                    private = kind == "microdata"  # its licence forbids passing it on
                    with replacing(out / one.entry[kind], private=private) as partial:
                        partial.write_bytes(content())
            fresh = list({one.entry["id"]: one.entry for one in pending}.values())
            entries = [*_kept(manifest, fresh), *fresh]
            write_manifest(out, entries)
            held = {entry[kind] for entry in entries for kind in FILES if kind in entry}
            for entry in manifest:
                for name in {entry[kind] for kind in FILES if kind in entry} - held:
                    (out / name).unlink(missing_ok=True)
    except OSError as error:
        raise SurveyError(f"{out}: cannot be written ({reason(error)})") from None


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError as error:
        raise SurveyError(f"{path}: cannot be read ({reason(error)})") from None


def _parquet(write: Callable[[io.BytesIO], object]) -> bytes:
    buffer = io.BytesIO()
    write(buffer)
    return buffer.getvalue()


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise SurveyError(f"{path}: cannot be read ({reason(error)})") from None

"""Files of other programs, recognised by their content and not by their names."""

from __future__ import annotations

import csv
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import polars as pl

from doxa.errors import DoxaError, FileError, RecordingError
from doxa.files import reason
from doxa.files.tables import is_parquet, read_csv, read_parquet
from doxa.outside.documents import json_of
from doxa.recorded import cells, exported, inspect_log, lm_eval, study
from doxa.recorded.responses import count_statuses, read_responses
from doxa.recorded.source import Source, lines_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from doxa.questionnaire import QuestionBank
    from doxa.recorded.recording import Recording

    Reader = Callable[[Any, Source, QuestionBank, Collection[str] | None], Recording]
    Content = pl.DataFrame | list[dict[str, Any]] | dict[str, Any]

__all__ = ["FORMATS", "Format", "read_recording", "read_statuses", "read_table"]


class Format(NamedTuple):
    """A file format.

    Attributes
    ----------
    name : str
        Its name in messages.
    needs : frozenset of str
        The columns or keys that identify it.
    is_table : bool
        True if `read` takes a frame; False if it takes parsed JSON.
    read : callable
        Turns the content of a file into a recording.
    """

    name: str
    needs: frozenset[str]
    is_table: bool
    read: Reader


FORMATS: Final = (
    Format("replies exported by doxa", exported.NEEDS, True, exported.read_exported),
    Format("the study's recorded replies", study.NEEDS, True, study.read_study),
    Format("cells of popfidelity", cells.NEEDS, True, cells.read_cells),
    Format("a sample log of lm-evaluation-harness", lm_eval.NEEDS, False, lm_eval.read_lm_eval),
    Format("a log of Inspect", inspect_log.NEEDS, False, inspect_log.read_inspect),
)
"""The first format whose needs are met reads the file."""

_HEAD: Final = 4096
_SHOWN: Final = 6
_SEPARATORS: Final = (",", ";", "\t")


def read_recording(
    path: str | Path, *, bank: QuestionBank, targets: Collection[str] | None = None
) -> Recording:
    """Read replies that another program recorded.

    Parameters
    ----------
    path : str or pathlib.Path
        A file: CSV, Parquet, JSON, JSON lines, or a zip archive of JSON.
    bank : QuestionBank
        The questionnaire; the file must use its items and codes.
    targets : collection of str, optional
        Alpha-3 codes of countries; replies steered towards another country are left out. Default:
        all countries.

    Raises
    ------
    RecordingError
        The file cannot be read, is not of a known format, or names an unknown item, option or
        country. The message names the place and the remedy.

    Examples
    --------
    >>> import tempfile
    >>> from doxa.questionnaire import QuestionBank
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "mine.csv")
    ...     row = {"question": "Q57", "choice_keys": "['1', '2']",
    ...            "response": "{'1': '30%', '2': '70%'}"}
    ...     pl.DataFrame([row]).write_csv(path)
    ...     recording = read_recording(path, bank=QuestionBank.load())
    >>> recording.replies.select("model", "status", "probabilities").row(0)
    ('mine', 'ok', [0.3, 0.7])
    """
    file = Path(path)
    with _reading(file):
        content, source = _content(file)
    kind = _kind(content)
    if kind is not None:
        with _reading(file):
            as_needed = _table(content, file) if kind.is_table else content
            found = kind.read(as_needed, source, bank, targets)
        return replace(found, name=str(file))
    held = ", ".join(key[:20] for key in sorted(_keys(content))[:_SHOWN]) or "nothing"
    accepted = "; ".join(f"{kind.name} ({', '.join(sorted(kind.needs))})" for kind in FORMATS)
    raise RecordingError(f"{file}: holds {held}; what can be read is {accepted}")


def _kind(content: Content) -> Format | None:
    keys = _keys(content)
    return next((kind for kind in FORMATS if kind.needs <= keys), None)


def read_table(path: str | Path) -> pl.DataFrame:
    """Read CSV, Parquet, JSON or JSON lines as a frame; the file name does not matter.

    Raises
    ------
    RecordingError
        The file cannot be read, or has no rows.
    """
    file = Path(path)
    with _reading(file):
        return _table(_content(file)[0], file)


def read_statuses(path: str | Path, bank: QuestionBank) -> pl.DataFrame:
    """Count the replies in a file by model and status.

    Parameters
    ----------
    path : str or pathlib.Path
        Whatever `read_recording` reads, or a table with the columns `model`, `choice_keys` (the
        labels shown) and `response`, of any questionnaire.
    bank : QuestionBank
        The questionnaire; a table with these columns may be of another one.

    Returns
    -------
    polars.DataFrame
        `model, status, n`, sorted. What a log holds besides, such as replies to other questions,
        and what is not known about it, stands at the end: its `model` is "", and its `status`
        says what it is.

    Raises
    ------
    RecordingError
        The file cannot be read, has no rows, or lacks a column.
    """
    file = Path(path)
    with _reading(file):
        content, source = _content(file)
        kind = _kind(content)
        if kind is None or kind.read is study.read_study:
            table = _table(content, file)
            return count_statuses(read_responses(table, str(path), source.place), str(path))
        if kind.read is exported.read_exported:
            return count_statuses(exported.rows_of(_table(content, file), source), str(path))
    found = read_recording(file, bank=bank)
    counts = count_statuses(found.replies, str(path))
    rest = [("", f"left out: {why}", n) for why, n in found.left_out.items()]
    rest += [("", f"not known: {what}: {which}", 0) for what, which in found.unknown.items()]
    schema = {name: counts.schema[name] for name in ("model", "status", "n")}
    left_out = pl.DataFrame(rest, schema=schema, orient="row")
    return pl.concat([counts, left_out], how="diagonal")


@contextmanager
def _reading(file: Path) -> Iterator[None]:
    """Raise a RecordingError for whatever a file may hold in the place of what it should."""
    try:
        yield
    except RecordingError:
        raise
    except FileError as error:
        raise RecordingError(str(error)) from None
    except OSError as error:
        raise RecordingError(f"{file}: {reason(error)}") from None
    except DoxaError:
        raise
    except (pl.exceptions.PolarsError, ValueError, OverflowError) as error:
        raise RecordingError(f"{file}: cut short or damaged: {reason(error)}") from None


def _content(file: Path) -> tuple[Content, Source]:
    """Read a file as a frame, as records, or as one document."""
    with file.open("rb") as stream:
        head = stream.read(_HEAD)
    if is_parquet(file):
        return read_parquet(file), Source(file)
    if head.startswith(b"PK\x03\x04"):
        return inspect_log.unpack(file), Source(file)
    if b"\0" in head:
        raise RecordingError(f"{file}: neither text, Parquet nor a zip archive")
    if head.lstrip()[:1] in (b"{", b"["):
        return _json(file)
    table = _csv(file, head)
    numbers = lines_of(table)
    blank = table.select(pl.all_horizontal(pl.all().is_null())).to_series()
    kept = (~blank).arg_true().to_list()
    return table.filter(~blank), Source(file, "line", [numbers[row] for row in kept])


def _csv(file: Path, head: bytes) -> pl.DataFrame:
    """Read CSV with whichever separator its first line has most of."""
    first = head.decode("utf-8", "replace").partition("\n")[0]
    separator = max(_SEPARATORS, key=first.count)
    try:
        return read_csv(file, separator=separator)
    except FileError as error:
        # Polars has no quoted cell after a space
        with file.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.reader(stream, delimiter=separator, skipinitialspace=True, strict=True)
            try:
                header = next(reader, None)
                if header is None:
                    raise error
                rows = []
                for cells in reader:
                    if cells and len(cells) != len(header):
                        raise RecordingError(
                            f"{file}: line {reader.line_num} ends a row of {len(cells)} cells, the "
                            f"first line has {len(header)}: quote cells that hold a "
                            f"{separator!r}, a quote or a line break"
                        ) from None
                    rows.append(cells or [""] * len(header))
            except csv.Error:
                raise error from None
    if len(set(header)) < len(header):
        raise RecordingError(f"{file}: two columns have one name: rename one")
    table = pl.DataFrame(rows, schema=dict.fromkeys(header, pl.String), orient="row")
    return table.with_columns(pl.all().replace("", None))


def _json(file: Path) -> tuple[list[dict[str, Any]] | dict[str, Any], Source]:
    """Read one JSON document, or one JSON object per line."""
    data = file.read_bytes()
    lines = [(at, line) for at, line in enumerate(data.splitlines(), 1) if line.strip()]
    try:
        first = json_of(lines[0][1])
    except ValueError:
        found = json_of(data)
        return found if isinstance(found, dict) else _records(found), Source(file, "entry")
    if len(lines) == 1:
        if not isinstance(first, dict):
            return _records(first), Source(file, "entry")
        whole = first.keys() >= inspect_log.NEEDS
        return first if whole else [first], Source(file, "line", [lines[0][0]])
    records = []
    for number, line in lines:
        try:
            records.append(json_of(line))
        except ValueError as error:
            raise ValueError(f"line {number}: {error}") from None
    return _records(records), Source(file, "line", [number for number, _ in lines])


def _records(found: object) -> list[dict[str, Any]]:
    if not isinstance(found, list) or not all(isinstance(record, dict) for record in found):
        raise ValueError("no JSON objects in it")
    return found


def _keys(content: Content) -> frozenset[str]:
    if isinstance(content, pl.DataFrame):
        return frozenset(content.columns)
    if isinstance(content, dict):
        return frozenset(content)
    return frozenset(content[0]) if content else frozenset()


def _table(content: Content, file: Path) -> pl.DataFrame:
    if isinstance(content, pl.DataFrame):
        frame = content
    else:
        records = content if isinstance(content, list) else [content]
        try:
            frame = pl.DataFrame(records, infer_schema_length=None)
        except TypeError as error:
            raise ValueError(f"a field holds values of several kinds: {reason(error)}") from None
    if frame.is_empty():
        raise RecordingError(f"{file}: holds no rows")
    return frame

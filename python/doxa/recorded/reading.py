"""Files of other programs, recognised by their content and not by their names."""

from __future__ import annotations

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

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from doxa.questionnaire import QuestionBank
    from doxa.recorded.recording import Recording

    Reader = Callable[[Any, str, QuestionBank, Collection[str] | None], Recording]

__all__ = ["FORMATS", "Format", "read_recording", "read_statuses", "read_table"]


class Format(NamedTuple):
    """A file format.

    Parameters
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
        content = _content(file)
    keys = _keys(content)
    for kind in FORMATS:
        if kind.needs <= keys:
            with _reading(file):
                as_needed = _table(content, file) if kind.is_table else content
                found = kind.read(as_needed, file.stem, bank, targets)
            return replace(found, name=str(file))
    held = ", ".join(key[:20] for key in sorted(keys)[:_SHOWN]) or "nothing"
    accepted = "; ".join(f"{kind.name} ({', '.join(sorted(kind.needs))})" for kind in FORMATS)
    raise RecordingError(f"{file}: holds {held}; what can be read is {accepted}")


def read_table(path: str | Path) -> pl.DataFrame:
    """Read CSV, Parquet, JSON or JSON lines as a frame; the file name does not matter.

    Raises
    ------
    RecordingError
        The file cannot be read, or has no rows.
    """
    file = Path(path)
    with _reading(file):
        return _table(_content(file), file)


def read_statuses(path: str | Path) -> pl.DataFrame:
    """Count the replies in a file by model and status.

    Parameters
    ----------
    path : str or pathlib.Path
        Replies that doxa exported, or a table with the columns `model`, `choice_keys` (the labels
        shown) and `response`.

    Returns
    -------
    polars.DataFrame
        `model, status, n`, sorted.

    Raises
    ------
    RecordingError
        The file cannot be read, has no rows, or lacks a column.
    """
    table = read_table(path)
    with _reading(Path(path)):
        if frozenset(table.columns) >= exported.NEEDS:
            table = exported.rows_of(table, str(path))
        else:
            table = read_responses(table, str(path))
        return count_statuses(table, str(path))


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


def _content(file: Path) -> pl.DataFrame | list[dict[str, Any]] | dict[str, Any]:
    """Read a file as a frame, as records, or as one document."""
    with file.open("rb") as stream:
        head = stream.read(_HEAD)
    if is_parquet(file):
        return read_parquet(file)
    if head.startswith(b"PK\x03\x04"):
        return inspect_log.unpack(file)
    if b"\0" in head:
        raise RecordingError(f"{file}: neither text, Parquet nor a zip archive")
    if head.lstrip()[:1] in (b"{", b"["):
        return _json(file.read_bytes())
    return read_csv(file)


def _json(data: bytes) -> list[dict[str, Any]] | dict[str, Any]:
    """Read one JSON document, or one JSON object per line."""
    lines = [line for line in data.splitlines() if line.strip()]
    try:
        json_of(lines[0])
    except ValueError:
        found = json_of(data)
        return found if isinstance(found, dict) else _records(found)
    if len(lines) == 1:
        found = json_of(data)
        if not isinstance(found, dict):
            return _records(found)
        return found if found.keys() >= inspect_log.NEEDS else [found]
    records = []
    for number, line in enumerate(lines, start=1):
        try:
            records.append(json_of(line))
        except ValueError as error:
            raise ValueError(f"line {number}: {error}") from None
    return _records(records)


def _records(found: object) -> list[dict[str, Any]]:
    if not isinstance(found, list) or not all(isinstance(record, dict) for record in found):
        raise ValueError("no JSON objects in it")
    return found


def _keys(content: pl.DataFrame | list[dict[str, Any]] | dict[str, Any]) -> frozenset[str]:
    if isinstance(content, pl.DataFrame):
        return frozenset(content.columns)
    if isinstance(content, dict):
        return frozenset(content)
    return frozenset(content[0]) if content else frozenset()


def _table(
    content: pl.DataFrame | list[dict[str, Any]] | dict[str, Any], file: Path
) -> pl.DataFrame:
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

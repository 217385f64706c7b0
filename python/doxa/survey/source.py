"""Opening a survey file: what kind it is, told from its content, and its columns as a frame."""

from __future__ import annotations

import csv
import shutil
import tempfile
import zipfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import polars as pl

from doxa.errors import MissingExtraError, SurveyError
from doxa.files import reason
from doxa.survey import statistical, xlsx

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from doxa.survey.statistical import Declared

__all__ = ["Source", "first_line", "open_source"]

Kind = Literal["csv", "parquet", "sav", "dta", "xlsx"]

_STATA_VERSIONS: Final = frozenset({0x69, 0x6C, 0x6E, 0x6F, 0x71, 0x72, 0x73})
_HEAD: Final = 1 << 16
_DATA_ENDINGS: Final = (".csv", ".sav", ".zsav", ".dta", ".xlsx", ".parquet", ".txt")


@dataclass(frozen=True, slots=True)
class Source:
    """A survey file that was recognised.

    Attributes
    ----------
    path : Path
        The data file; for a zip, the one unpacked from it.
    name : str
        The file as the user named it, for messages.
    kind : str
        "csv", "parquet", "sav", "dta" or "xlsx".
    headers : dict of str to str
        Variable names, and the headers of their columns. A header may go on after the name, as
        in "Q1: Important in life: Family".
    separator : str
        Of the columns of a CSV.
    declared : mapping of str to Declared
        By variable, the values that the file itself declares missing.
    """

    path: Path
    name: str
    kind: Kind
    headers: dict[str, str]
    separator: str = ","
    declared: Mapping[str, Declared] = field(default_factory=dict)

    def read(
        self,
        variables: Sequence[str],
        *,
        types: Mapping[str, type[pl.DataType]] | None = None,
        n_rows: int | None = None,
        report: Callable[[int, int], None] | None = None,
    ) -> pl.DataFrame:
        """Read some variables.

        Parameters
        ----------
        variables : sequence of str
            Their names, keys of `headers`.
        types : mapping of str to type, optional
            What some of them should hold; a CSV is read faster so. Where a cell holds something
            else, all of them are text.
        n_rows : int, optional
            Only the first rows.
        report : callable, optional
            Called now and then with the bytes read and all there are, where reading takes long
            and can tell.

        Returns
        -------
        polars.DataFrame
            One column a variable, named after it, in the order asked for.

        Raises
        ------
        SurveyError
            The file is damaged.
        """
        columns = [self.headers[name] for name in variables]
        try:
            by_header = {self.headers[name]: kind for name, kind in (types or {}).items()}
            frame = self._read(columns, by_header, n_rows, report)
        except MissingExtraError:
            raise
        except (pl.exceptions.PolarsError, OSError, ValueError) as error:
            raise _damaged(self.name, self.kind, error) from None
        except Exception as error:  # the readers of other formats raise classes of their own
            if type(error).__module__.startswith(("pyreadstat", "fastexcel")):
                raise _damaged(self.name, self.kind, error) from None
            raise
        return frame.select(
            pl.col(column).alias(name) for name, column in zip(variables, columns, strict=True)
        )

    def _read(
        self,
        columns: list[str],
        types: dict[str, type[pl.DataType]],
        n_rows: int | None,
        report: Callable[[int, int], None] | None,
    ) -> pl.DataFrame:
        if self.kind == "parquet":
            return pl.read_parquet(self.path, columns=columns, n_rows=n_rows)
        if self.kind == "csv":
            return _read_csv(self.path, self.separator, columns, types, n_rows)
        if self.kind == "xlsx":
            return xlsx.read(self.path, columns, n_rows, report)
        return statistical.read(self.path, self.kind, columns, n_rows)


@contextmanager
def open_source(path: str | Path) -> Iterator[Source]:
    """Open a survey file, whatever its name says, for as long as the block runs.

    Parameters
    ----------
    path : str or Path
        A CSV (comma or semicolon, with or without byte-order mark), Parquet, SPSS, Stata or
        xlsx file, or a zip that holds one of them.

    Yields
    ------
    Source

    Raises
    ------
    SurveyError
        There is no such file, it is of no kind that can be read, or it is damaged.
    MissingExtraError
        The library for its kind is not installed.
    """
    path = Path(path)
    head = _head(path)
    if head.startswith(b"PK\x03\x04") and not _is_xlsx(path):
        with tempfile.TemporaryDirectory(prefix="doxa-") as folder:
            yield _recognise(_unzip(path, Path(folder)), str(path))
    else:
        yield _recognise(path, str(path))


def first_line(path: Path) -> str:
    """Give the first line of a text file, also of one in a zip; of other kinds, some characters.

    Raises
    ------
    SurveyError
        There is no such file, or the zip is damaged or holds several.
    """
    head = _head(path)
    if head.startswith(b"PK\x03\x04") and not _is_xlsx(path):
        with zipfile.ZipFile(path) as archive, archive.open(_only_member(archive, path)) as packed:
            head = packed.read(_HEAD)
    return head.split(b"\n", 1)[0].decode("utf-8-sig", "replace").strip()


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_HEAD)
    except OSError as error:
        raise SurveyError(f"{path}: cannot be read ({reason(error)})") from None


def _is_xlsx(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return "xl/workbook.xml" in archive.namelist()
    except zipfile.BadZipFile:
        raise SurveyError(f"{path}: the zip is cut short or damaged: download it again") from None


def _unzip(path: Path, folder: Path) -> Path:
    """Unpack the one data file of a zip."""
    with zipfile.ZipFile(path) as archive:
        member = _only_member(archive, path)
        target = folder / Path(member.filename).name
        try:
            with archive.open(member) as packed, target.open("wb") as unpacked:
                shutil.copyfileobj(packed, unpacked, 1 << 20)
        except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError) as error:
            raise SurveyError(f"{path}: cannot be unpacked ({error}): download it again") from None
    return target


def _only_member(archive: zipfile.ZipFile, path: Path) -> zipfile.ZipInfo:
    members = [
        entry
        for entry in archive.infolist()
        if entry.filename.lower().endswith(_DATA_ENDINGS)
        and not entry.filename.startswith("__MACOSX")
    ]
    if len(members) != 1:
        found = ", ".join(entry.filename for entry in members) or "none"
        raise SurveyError(f"{path}: a zip must hold one data file; it holds {found}: unpack it")
    return members[0]


def _recognise(path: Path, name: str) -> Source:
    head = _head(path)
    if not head:
        raise SurveyError(f"{name}: the file is empty")
    if head.startswith(b"PAR1"):
        kind: Kind = "parquet"
    elif head.startswith((b"$FL2", b"$FL3")):
        kind = "sav"
    elif head.startswith(b"<stata_dta>") or (head[0] in _STATA_VERSIONS and head[1] in (1, 2)):
        kind = "dta"
    elif head.startswith(b"PK\x03\x04"):
        kind = "xlsx"
    else:
        return _recognise_csv(path, name, head)
    try:
        columns, declared = _contents(path, kind)
    except MissingExtraError:
        raise
    except Exception as error:  # whatever a reader says of a damaged header is told in one line
        raise _damaged(name, kind, error) from None
    return Source(path, name, kind, _variables(columns), declared=declared)


def _contents(path: Path, kind: Kind) -> tuple[list[str], dict[str, Declared]]:
    """List the columns, and what they declare missing."""
    if kind == "sav" or kind == "dta":
        return statistical.contents(path, kind)
    if kind == "parquet":
        return list(pl.read_parquet_schema(path)), {}
    return xlsx.headers(path), {}


def _recognise_csv(path: Path, name: str, head: bytes) -> Source:
    if b"\x00" in head:
        raise SurveyError(f"{name}: neither CSV, Parquet, SPSS, Stata nor xlsx: is it damaged?")
    line = head.removeprefix(b"\xef\xbb\xbf").split(b"\n", 1)[0]
    try:
        first = line.decode("utf-8")
    except UnicodeDecodeError:
        raise SurveyError(f"{name}: its text is not UTF-8: save it as UTF-8") from None
    separator = max(",;\t", key=first.count)
    try:
        columns = pl.read_csv(path, separator=separator, n_rows=0, infer_schema=False).columns
    except pl.exceptions.PolarsError as error:
        raise _damaged(name, "csv", error) from None
    if len(columns) < 2:
        raise SurveyError(f"{name}: no table with columns in its first line: is it a CSV file?")
    if not _ends_whole(path, separator, len(columns)):
        raise SurveyError(f"{name}: the last line is cut short: download it again")
    return Source(path, name, "csv", _variables(columns), separator)


def _ends_whole(path: Path, separator: str, n_columns: int) -> bool:
    """Tell whether the last line holds all columns, as that of a file cut short does not."""
    reach = 1 << 20
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - reach))
        last = file.read().rstrip(b"\r\n").rsplit(b"\n", 1)[-1]
    cells = next(csv.reader([last.decode("utf-8", "replace")], delimiter=separator), [])
    return len(cells) >= n_columns


def _read_csv(
    path: Path,
    separator: str,
    columns: list[str],
    types: dict[str, type[pl.DataType]],
    n_rows: int | None,
) -> pl.DataFrame:
    def read(overrides: dict[str, type[pl.DataType]]) -> pl.DataFrame:
        return pl.read_csv(
            path,
            separator=separator,
            columns=columns,
            schema_overrides=overrides,
            infer_schema=False,
            n_rows=n_rows,
            null_values=[""],
        )

    try:
        frame = read(types)
    except pl.exceptions.ComputeError:
        # A cell holds something else: a label, or damage that the caller will name.
        frame = read({})
    # An empty line is no respondent, and leaves no cell at all.
    if frame.width and frame.to_series(0).null_count():
        frame = frame.filter(~pl.all_horizontal(pl.all().is_null()))
    return frame


def _variables(columns: list[str]) -> dict[str, str]:
    """Map variable names to headers; a name ends at the first colon."""
    return {header.split(":", 1)[0].strip().strip('"'): header for header in columns}


def _damaged(name: str, kind: Kind, error: Exception) -> SurveyError:
    why = reason(error)
    if "utf-8" in why.lower() or "utf8" in why.lower():
        return SurveyError(f"{name}: its text is not UTF-8 ({why}): save it as UTF-8")
    return SurveyError(f"{name}: the {kind} file is cut short or damaged ({why})")

"""Opening a survey file of any kind, told from its content, and reading its columns."""

from __future__ import annotations

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
from doxa.survey import delimited, statistical, xlsx

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from doxa.survey.statistical import Declared
    from doxa.survey.xlsx import ReadProgress

__all__ = ["Source", "first_line", "open_source"]

FileKind = Literal["csv", "parquet", "sav", "dta", "xlsx"]

_STATA_VERSIONS: Final = frozenset({0x69, 0x6C, 0x6E, 0x6F, 0x71, 0x72, 0x73})
_ZIP: Final = b"PK\x03\x04"
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
        From the name of each variable to the header of its column. A header may continue after the
        name, as in "Q1: Important in life: Family".
    separator : str
        What separates the columns of a CSV.
    declared : mapping of str to Declared
        The values that the file itself declares missing, by variable.
    """

    path: Path
    name: str
    kind: FileKind
    headers: dict[str, str]
    separator: str = ","
    declared: Mapping[str, Declared] = field(default_factory=dict)

    def read(
        self,
        variables: Sequence[str],
        *,
        types: Mapping[str, type[pl.DataType]] | None = None,
        n_rows: int | None = None,
        progress: ReadProgress | None = None,
    ) -> pl.DataFrame:
        """Read some variables.

        Parameters
        ----------
        variables : sequence of str
            Their names, keys of `headers`.
        types : mapping of str to type, optional
            The expected types of some variables, which make reading a CSV faster. If a cell does
            not fit, all variables of the CSV are read as text.
        n_rows : int, optional
            How many rows to read from the top. Default: all.
        progress : callable, optional
            Called from time to time with the bytes read and the total bytes, while a large xlsx is
            read.

        Returns
        -------
        polars.DataFrame
            One column per variable, named after it, in the order of `variables`.

        Raises
        ------
        SurveyError
            The file is damaged.
        """
        columns = [self.headers[name] for name in variables]
        try:
            by_header = {self.headers[name]: kind for name, kind in (types or {}).items()}
            frame = self._read(columns, by_header, n_rows, progress)
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
        progress: ReadProgress | None,
    ) -> pl.DataFrame:
        if self.kind == "parquet":
            return pl.read_parquet(self.path, columns=columns, n_rows=n_rows)
        if self.kind == "csv":
            return delimited.read(self.path, self.separator, columns, types, n_rows)
        if self.kind == "xlsx":
            return xlsx.read(self.path, columns, n_rows, progress)
        return statistical.read(self.path, self.kind, columns, n_rows)


@contextmanager
def open_source(path: str | Path) -> Iterator[Source]:
    """Open a survey file within a block. Its kind is told from its content, not its name.

    Parameters
    ----------
    path : str or Path
        A CSV (comma, semicolon or tab, with or without byte-order mark), Parquet, SPSS, Stata or
        xlsx file, or a zip that holds one of them.

    Yields
    ------
    Source

    Raises
    ------
    SurveyError
        The file does not exist, is not of a kind that can be read, or is damaged.
    MissingExtraError
        The library for its kind is not installed.
    """
    path = Path(path)
    head = _head(path)
    if head.startswith(_ZIP) and not _is_xlsx(path):
        with tempfile.TemporaryDirectory(prefix="doxa-") as folder:
            yield _recognise(_unzip(path, Path(folder)), str(path))
    else:
        yield _recognise(path, str(path))


def first_line(path: Path) -> str:
    """Give the first line of a text file, also if the file is in a zip.

    If the file is not text, the result is meaningless characters.

    Raises
    ------
    SurveyError
        The file does not exist, or the zip is damaged or holds several files.
    """
    head = _head(path)
    if head.startswith(_ZIP) and not _is_xlsx(path):
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
            raise SurveyError(
                f"{path}: cannot be unpacked ({reason(error)}): download it again"
            ) from None
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
    kind = _kind(head)
    separator = ","
    declared: dict[str, Declared] = {}
    try:
        if kind == "csv":
            columns, separator = delimited.contents(path, name, head)
        elif kind == "parquet":
            columns = list(pl.read_parquet_schema(path))
        elif kind == "xlsx":
            columns = xlsx.headers(path)
        else:
            columns, declared = statistical.contents(path, kind)
    except (MissingExtraError, SurveyError):
        raise
    except Exception as error:  # readers raise many classes for a damaged header
        raise _damaged(name, kind, error) from None
    return Source(path, name, kind, _variables(columns), separator, declared)


def _kind(head: bytes) -> FileKind:
    """Tell the kind of a file from its first bytes."""
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith((b"$FL2", b"$FL3")):
        return "sav"
    if head.startswith(b"<stata_dta>") or (head[0] in _STATA_VERSIONS and head[1] in (1, 2)):
        return "dta"
    if head.startswith(_ZIP):
        return "xlsx"
    return "csv"


def _variables(columns: list[str]) -> dict[str, str]:
    """Map the names of variables to their headers; a name ends at the first colon."""
    return {header.split(":", 1)[0].strip().strip('"'): header for header in columns}


def _damaged(name: str, kind: FileKind, error: Exception) -> SurveyError:
    why = reason(error)
    if "utf-8" in why.lower() or "utf8" in why.lower():
        return SurveyError(f"{name}: its text is not UTF-8 ({why}): save it as UTF-8")
    return SurveyError(f"{name}: the {kind} file is cut short or damaged ({why})")

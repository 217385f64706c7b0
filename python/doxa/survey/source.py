"""Opening a survey file of any kind, told from its content, and reading its columns."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import polars as pl

from doxa.errors import FileError, SurveyError
from doxa.files import reason
from doxa.files.tables import parquet_columns, read_parquet
from doxa.files.unpack import open_archive
from doxa.outside.extras import require
from doxa.survey import delimited, statistical
from doxa.survey.budget import MOST_COLUMNS
from doxa.survey.xlsx import LIMITS, Book

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from doxa.files.unpack import Archive
    from doxa.survey.delimited import Table
    from doxa.survey.statistical import Declared
    from doxa.survey.xlsx import ReadProgress

__all__ = ["Source", "first_line", "open_source", "require_reader"]

FileKind = Literal["csv", "parquet", "sav", "dta", "xlsx"]

_LIBRARIES: Final[dict[FileKind, str]] = {
    "sav": "pyreadstat",
    "dta": "pyreadstat",
    "xlsx": "fastexcel",
}
_STATA_VERSIONS: Final = frozenset({0x69, 0x6C, 0x6E, 0x6F, 0x71, 0x72, 0x73})
_ZIP: Final = b"PK\x03\x04"
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLE_READ: Final = 16 << 20
_XLSX: Final = "xl/workbook.xml"
_OTHER_SPREADSHEETS: Final = {
    "xl/workbook.bin": "Excel in binary (xlsb)",
    "content.xml": "LibreOffice (ods)",
    "Index/Document.iwa": "Numbers",
}
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
        name, as in "Q1: Important in life: Family". Columns without a header are left out.
    repeated : frozenset of str
        Variables that several columns are named after; they cannot be read.
    declared : mapping of str to Declared
        The values that the file itself declares missing, by variable.
    table : Table or None
        How a CSV is laid out.
    book : Book or None
        The open file, for an xlsx.
    """

    path: Path
    name: str
    kind: FileKind
    headers: dict[str, str]
    repeated: frozenset[str] = frozenset()
    declared: Mapping[str, Declared] = field(default_factory=dict)
    table: Table | None = field(default=None, repr=False)
    book: Book | None = field(default=None, repr=False)

    @property
    def notes(self) -> tuple[str, ...]:
        """What else a user must know of the file, in lines."""
        return self.book.notes if self.book is not None else ()

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
            The file is damaged, or several columns are named after one of the variables.
        """
        for name in variables:
            if name in self.repeated:
                raise SurveyError(f"{self.name}: has several columns {name}: keep the right one")
        columns = [self.headers[name] for name in variables]
        by_header = {self.headers[name]: kind for name, kind in (types or {}).items()}
        with _failing(self.name, self.kind):
            frame = self._read(columns, by_header, n_rows, progress)
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
            return read_parquet(self.path, columns=columns, n_rows=n_rows)
        if self.table is not None:
            return delimited.read(self.path, self.table, columns, types, n_rows)
        if self.book is not None:
            return self.book.read(columns, n_rows, progress)
        return statistical.read(self.path, "dta" if self.kind == "dta" else "sav", columns, n_rows)


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
    with _unzipped(path) as data:
        yield _recognise(data, str(path))


def first_line(path: Path) -> str:
    """Give the first line of a text file, also if the file is in a zip.

    If the file is not text, the result is meaningless characters.

    Raises
    ------
    SurveyError
        The file does not exist, or the zip is damaged or holds several files.
    """
    head = _unzipped_head(path)
    return head.split(b"\n", 1)[0].decode("utf-8-sig", "replace").strip()


def require_reader(path: Path) -> None:
    """Check that the library for a file's kind is installed, before any file is read.

    Raises
    ------
    MissingExtraError
        It is not.
    SurveyError
        As for `first_line`.
    """
    head = _unzipped_head(path)
    if head:
        _require_reader(_kind(head))


def _require_reader(kind: FileKind) -> None:
    if kind in _LIBRARIES:
        require(_LIBRARIES[kind])


def _unzipped_head(path: Path) -> bytes:
    """Return the first bytes of a file, or of the data file in a zip."""
    head = _head(path)
    if head.startswith(_ZIP):
        with _failing(str(path), "zip"), open_archive(path, LIMITS) as archive:
            member = _only_member(archive, str(path))
            if member is not None:
                with archive.open(member) as packed:
                    return packed.read(_HEAD) or b""
    return head


@contextmanager
def _unzipped(path: Path) -> Iterator[Path]:
    """Give the data file in a zip within a block, or the file itself."""
    with ExitStack() as closing:
        data = path
        if _head(path).startswith(_ZIP):
            with _failing(str(path), "zip"):
                archive = closing.enter_context(open_archive(path, LIMITS))
                member = _only_member(archive, str(path))
                if member is not None:
                    data = closing.enter_context(archive.on_disk(member))
        yield data


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_HEAD)
    except OSError as error:
        raise SurveyError(f"{path}: cannot be read ({reason(error)})") from None


def _only_member(archive: Archive, name: str) -> str | None:
    """Find the one data file of a zip; None if the zip is itself a file of a spreadsheet."""
    if _XLSX in archive.names:
        return None
    for mark, program in _OTHER_SPREADSHEETS.items():
        if mark in archive.names:
            raise SurveyError(f"{name}: is a file of {program}: save it as xlsx or CSV")
    members = [
        member
        for member in archive.names
        if member.lower().endswith(_DATA_ENDINGS) and not member.startswith("__MACOSX")
    ]
    if len(members) != 1:
        found = ", ".join(members[:5]) + (", …" if len(members) > 5 else "") or "none"
        raise SurveyError(f"{name}: a zip must hold one data file; it holds {found}: unpack it")
    return members[0]


def _recognise(path: Path, name: str) -> Source:
    head = _head(path)
    if not head:
        raise SurveyError(f"{name}: the file is empty")
    if head.startswith(_OLE):
        raise SurveyError(f"{name}: {_ole(path)}")
    kind = _kind(head)
    _require_reader(kind)
    declared: dict[str, Declared] = {}
    table: Table | None = None
    book: Book | None = None
    with _failing(name, kind):
        if kind == "csv":
            table = delimited.contents(path, name, head)
            columns = list(table.columns)
        elif kind == "parquet":
            columns = parquet_columns(path)
        elif kind == "xlsx":
            book = Book(path)
            columns = book.headers
        else:
            columns, declared = statistical.contents(path, kind)
        if len(columns) > MOST_COLUMNS:
            raise ValueError(f"it has {len(columns)} columns")
    headers, repeated = _variables(columns)
    return Source(path, name, kind, headers, repeated, declared, table, book)


def _ole(path: Path) -> str:
    """Say what a file of Excel's old container is: the format before xlsx, or a locked xlsx."""
    with path.open("rb") as file:
        content = file.read(_OLE_READ)
    if "EncryptedPackage".encode("utf-16-le") in content:
        return "is locked with a password: save it without one"
    return "is a file of Excel before 2007 (xls): save it as xlsx or CSV"


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


def _variables(columns: list[str]) -> tuple[dict[str, str], frozenset[str]]:
    """Map the names of variables to their headers, and list those that come several times.

    A name ends at the first colon.
    """
    named = [(header.split(":", 1)[0].strip().strip('"'), header) for header in columns]
    times = Counter(name for name, _ in named)
    headers = {name: header for name, header in reversed(named) if name}
    return dict(reversed(headers.items())), frozenset(name for name in headers if times[name] > 1)


@contextmanager
def _failing(name: str, kind: str) -> Iterator[None]:
    """Say in one line, and under the user's name of the file, why it cannot be read."""
    try:
        yield
    except SurveyError:
        raise
    except FileError as error:
        raise SurveyError(f"{name}: {_utf_8(error.why) or error.why}") from None
    except MemoryError:
        raise SurveyError(f"{name}: takes more memory than there is: split it by country") from None
    except (pl.exceptions.PolarsError, OSError, ValueError) as error:
        why = reason(error)
        raise SurveyError(
            f"{name}: {_utf_8(why) or f'the {kind} file is cut short or damaged ({why})'}"
        ) from None


def _utf_8(why: str) -> str:
    if "utf-8" in why.lower() or "utf8" in why.lower():
        return f"its text is not UTF-8 ({why}): save it as UTF-8"
    return ""

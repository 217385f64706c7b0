"""The exceptions doxa raises on purpose.

::

    DoxaError
    ├── InvalidDistributionError (ValueError)   a row is not a response distribution
    ├── FileError (ValueError)                  a file cannot be read, or unpacks to too much
    ├── InvalidArgumentError (ValueError)       an argument has an invalid value
    ├── QuestionnaireError (ValueError)         an item bank or a language file is wrong
    ├── SurveyError (ValueError)                survey data are wrong or missing
    ├── ExperimentError (ValueError)            what to ask, of whom and how, does not fit
    ├── NoDataError (ValueError)                nothing is left to compare
    ├── RecordingError (ValueError)             replies from elsewhere cannot be read
    ├── ModelError                              a model cannot be loaded or asked
    ├── StoreError                              a run cannot be read or written
    ├── ReportError                             a report cannot be made or written
    └── MissingExtraError (ImportError)         an optional library is not installed

Every message is one line that says what is wrong, where, and what to do.
"""

from __future__ import annotations

__all__ = [
    "DoxaError",
    "ExperimentError",
    "FileError",
    "InvalidArgumentError",
    "InvalidDistributionError",
    "MissingExtraError",
    "ModelError",
    "NoDataError",
    "QuestionnaireError",
    "RecordingError",
    "ReportError",
    "StoreError",
    "SurveyError",
]


class DoxaError(Exception):
    """Base of every exception that doxa raises on purpose; its text is one line."""

    def __str__(self) -> str:
        # a name or a value from outside may hold line ends
        return " ".join(super().__str__().splitlines())


class InvalidDistributionError(DoxaError, ValueError):
    """A row is not a response distribution.

    Parameters
    ----------
    message : str
        Names the row, the value and the remedy.
    row : int, optional
        The first bad row, counted from 0.
    """

    def __init__(self, message: str, row: int | None = None) -> None:
        super().__init__(message)
        self.row = row


class FileError(DoxaError, ValueError):
    """A file cannot be read: it is missing, damaged, or unpacks to more than it may.

    Parameters
    ----------
    path : str or pathlib.Path
        The file.
    why : str
        What is wrong, and what to do. Readers that know the file by another name, or have an
        error of their own, take it from here.
    """

    def __init__(self, path: object, why: str) -> None:
        super().__init__(f"{path}: {why}")
        self.path = path
        self.why = why

    def __reduce__(self) -> tuple[type[FileError], tuple[object, str]]:
        return type(self), (self.path, self.why)


class InvalidArgumentError(DoxaError, ValueError):
    """An argument has an invalid value."""


class QuestionnaireError(DoxaError, ValueError):
    """An item bank or a language file is wrong or lacks what was asked for."""


class SurveyError(DoxaError, ValueError):
    """Survey data are wrong, or lack what was asked for."""


class ExperimentError(DoxaError, ValueError):
    """What to ask, of whom and how, does not fit together."""


class NoDataError(DoxaError, ValueError):
    """Nothing is left to compare."""


class RecordingError(DoxaError, ValueError):
    """Replies that another program recorded cannot be read."""


class ModelError(DoxaError):
    """A model cannot be loaded or asked."""


class StoreError(DoxaError):
    """A run's store cannot be read or written."""


class ReportError(DoxaError):
    """A report cannot be made or written."""


class MissingExtraError(DoxaError, ImportError):
    """An optional library is not installed.

    Parameters
    ----------
    library : str
        The library that is missing, as its users call it.
    extra : str
        The extra of doxa that brings it.
    """

    def __init__(self, library: str, extra: str) -> None:
        super().__init__(f'{library} is not installed: run  pip install "doxa[{extra}]"')
        self.library = library
        self.extra = extra

from __future__ import annotations

import pickle
import re
from pathlib import Path

import pytest

from doxa import errors

NAMES = [name for name in errors.__all__ if name != "DoxaError"]


@pytest.mark.parametrize("name", NAMES)
def test_every_error_stands_in_the_tree_under_its_bases(name: str) -> None:
    error = getattr(errors, name)
    assert issubclass(error, errors.DoxaError)
    others = [base.__name__ for base in error.__bases__ if base is not errors.DoxaError]
    shown = f"{name} ({', '.join(others)})" if others else name
    assert re.search(rf"── {re.escape(shown)}\s", errors.__doc__ or "")


def test_the_tree_shows_no_other_error() -> None:
    assert set(re.findall(r"── (\w+)", errors.__doc__ or "")) == set(NAMES)


def test_an_invalid_distribution_may_name_its_row() -> None:
    assert errors.InvalidDistributionError("row 3: is no distribution", row=3).row == 3
    assert errors.InvalidDistributionError("is no distribution").row is None


def test_a_missing_extra_says_what_to_run() -> None:
    error = errors.MissingExtraError("pyreadstat", "survey")
    assert str(error) == 'pyreadstat is not installed: run  pip install "doxa[survey]"'
    assert (error.library, error.extra) == ("pyreadstat", "survey")


def test_a_file_error_names_the_file_and_keeps_the_reason() -> None:
    error = pickle.loads(pickle.dumps(errors.FileError(Path("a.zip"), "is damaged: get it again")))
    assert str(error) == "a.zip: is damaged: get it again"
    assert (error.path, error.why) == (Path("a.zip"), "is damaged: get it again")

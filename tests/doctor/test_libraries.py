from __future__ import annotations

import importlib.metadata as metadata
import sys
from typing import TYPE_CHECKING

from packaging.requirements import Requirement

from doxa.doctor import libraries as module
from doxa.doctor.libraries import PURPOSES, Installed, libraries
from doxa.outside.extras import LIBRARIES

if TYPE_CHECKING:
    import pytest

WANTED = [
    "polars>=1.30",
    "numpy>=2",
    'vl-convert-python>=1.9; extra == "report"',
    'jinja2>=3.1; extra == "llama"',
    'ruff; extra == "lint"',
    'windows-only; sys_platform == "win32"',
]


def test_every_extra_has_a_purpose() -> None:
    assert set(PURPOSES) == {library.extra for library in LIBRARIES.values()}


def test_what_doxa_declares_is_listed_with_the_version_here(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    here = {"polars": "1.9", "numpy": "3.0rc1", "jinja2": "3.1.6"}

    def version(name: str) -> str:
        if name not in here:
            raise metadata.PackageNotFoundError(name)
        return here[name]

    monkeypatch.setattr(module, "requires", lambda _: WANTED)
    monkeypatch.setattr(module, "version", version)
    found = [one for one in libraries() if one.name != "windows-only"]
    assert found == [
        Installed("numpy", "", ">=2", "3.0rc1", fits=True),
        Installed("polars", "", ">=1.30", "1.9", fits=False),
        Installed("jinja2", "llama", ">=3.1", "3.1.6", fits=True),
        Installed("vl-convert-python", "report", ">=1.9", "", fits=True),
    ]
    assert (len(libraries()) == 5) == (sys.platform == "win32")


def test_the_installed_ones_are_those_of_the_metadata() -> None:
    names = {Requirement(text).name for text in metadata.requires("doxa") or ()}
    found = libraries()
    assert {one.name for one in found} <= names
    assert {"numpy", "polars"} <= {one.name for one in found if not one.extra}
    assert all(one.fits for one in found)

"""doxa measures whose opinions a language model expresses.

It tells how closely the distribution of a language model's answers to survey questions matches
the distribution of human answers, country by country, language by language, wave by wave, and
how certain these numbers are.

Start with :func:`doxa.score_batch`; the rooms behind it are ``doxa.survey`` (human answers),
``doxa.prompt``, ``doxa.backend``, ``doxa.elicit`` and ``doxa.run`` (a model's answers),
``doxa.analysis`` and ``doxa.report``.
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.machinery import ModuleSpec
from typing import TYPE_CHECKING, cast

from doxa.errors import (
    DoxaError,
    ExperimentError,
    InvalidArgumentError,
    InvalidDistributionError,
    MissingExtraError,
    ModelError,
    NoDataError,
    QuestionnaireError,
    RecordingError,
    ReportError,
    StoreError,
    SurveyError,
)

if TYPE_CHECKING:
    from importlib.abc import Loader
    from types import ModuleType

    from doxa.questionnaire import Item, Question, QuestionBank, Scale
    from doxa.score import ScoreBatch, normalize, score_batch, score_parquet

    __version__: str

__all__ = [
    "DoxaError",
    "ExperimentError",
    "InvalidArgumentError",
    "InvalidDistributionError",
    "Item",
    "MissingExtraError",
    "ModelError",
    "NoDataError",
    "Question",
    "QuestionBank",
    "QuestionnaireError",
    "RecordingError",
    "ReportError",
    "Scale",
    "ScoreBatch",
    "StoreError",
    "SurveyError",
    "__version__",
    "normalize",
    "score_batch",
    "score_parquet",
]

# Imported on first use, because importing Polars and NumPy would make `import doxa` slow.
_LAZY = {
    **dict.fromkeys(("Item", "Question", "QuestionBank", "Scale"), "doxa.questionnaire"),
    **dict.fromkeys(("ScoreBatch", "normalize", "score_batch", "score_parquet"), "doxa.score"),
}
_ROOMS = frozenset(
    {"analysis", "backend", "cluster", "distribution", "elicit", "evaluate", "measures", "polars"}
    | {"prompt", "questionnaire", "recorded", "report", "run", "score", "store", "survey"}
)
_MOVED = {
    "doxa.experiment": "doxa.run.experiment",
    "doxa.question": "doxa.questionnaire",
    "doxa.scale": "doxa.questionnaire.scale",
}
"""Old names of modules, which users' scripts may import."""


def __getattr__(name: str) -> object:
    if name == "__version__":
        return import_module("importlib.metadata").version("doxa")
    if name in _LAZY:
        return getattr(import_module(_LAZY[name]), name)
    if name in _ROOMS or f"doxa.{name}" in _MOVED:
        return import_module(f"doxa.{name}")
    raise AttributeError(f"module 'doxa' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*__all__, *_ROOMS})


class _Moved:
    """Importer of the modules in `_MOVED`; no `importlib.abc.Loader`, whose import is slow."""

    @classmethod
    def find_spec(cls, name: str, *_: object) -> ModuleSpec | None:
        return ModuleSpec(name, cast("Loader", cls())) if name in _MOVED else None

    def create_module(self, _: ModuleSpec) -> None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        target = import_module(_MOVED[module.__name__])
        module.__dict__.update({name: getattr(target, name) for name in target.__all__})


sys.meta_path.append(_Moved)

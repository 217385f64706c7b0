"""doxa measures whose opinions a language model expresses.

It tells how closely the distribution of a language model's answers to survey questions matches
the distribution of human answers, country by country, language by language, wave by wave, and
how sure one can be of that.

Start with :func:`doxa.score_batch`; the rooms behind it are ``doxa.survey`` (human answers),
``doxa.prompt``, ``doxa.backend``, ``doxa.elicit`` and ``doxa.run`` (a model's answers),
``doxa.analysis`` and ``doxa.report``.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from doxa.errors import (
    DoxaError,
    ExperimentError,
    InvalidArgumentError,
    InvalidDistributionError,
    MissingExtraError,
    ModelError,
    NoDataError,
    QuestionnaireError,
    ReportError,
    StoreError,
    SurveyError,
)

if TYPE_CHECKING:
    from doxa.question import Item, Question, QuestionBank
    from doxa.scale import Scale
    from doxa.score import ScoreBatch, normalize, score_batch, score_parquet

__version__ = "0.1.0"

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

# Imported when first used: Polars and NumPy alone take most of the time that `import doxa` may.
_LAZY = {
    "Item": "doxa.question",
    "Question": "doxa.question",
    "QuestionBank": "doxa.question",
    "Scale": "doxa.scale",
    "ScoreBatch": "doxa.score",
    "normalize": "doxa.score",
    "score_batch": "doxa.score",
    "score_parquet": "doxa.score",
}
_ROOMS = frozenset(
    {"analysis", "backend", "distribution", "elicit", "experiment", "prompt", "question"}
    | {"report", "run", "scale", "score", "store", "survey"}
)


def __getattr__(name: str) -> object:
    if name in _LAZY:
        return getattr(import_module(_LAZY[name]), name)
    if name in _ROOMS:
        return import_module(f"doxa.{name}")
    raise AttributeError(f"module 'doxa' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*__all__, *_ROOMS})

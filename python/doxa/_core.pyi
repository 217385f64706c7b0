from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "FIRST_MISSING",
    "count_replicates",
    "count_row_means",
    "delta_errors",
    "group_means",
    "intervals",
    "item_intervals",
    "item_replicates",
    "machine_used",
    "metric_table",
    "normal_quantile",
    "pairwise_means",
    "sample_replicates",
    "sample_shares",
    "score",
    "stream",
    "tabulate",
]

FIRST_MISSING: int

_Doubles = NDArray[np.float64]
_Labels = tuple[NDArray[np.uint32], NDArray[np.uint32], int, int]
_Forms = tuple[Any, NDArray[np.int64], NDArray[np.uint64]]
_Nominal = bool | NDArray[np.bool_]
_Positions = _Doubles | tuple[_Doubles, NDArray[np.int64]]

def score(
    model: Any,
    human: Any,
    metrics: Sequence[str],
    *,
    nominal: _Nominal | None = None,
    positions: _Positions | None = None,
    threads: int = 0,
    first_row: int = 0,
) -> _Doubles: ...
def group_means(scores: _Doubles, labels: _Labels) -> _Doubles: ...
def item_intervals(
    scores: _Doubles,
    labels: _Labels,
    *,
    n_resamples: int,
    seed: int,
    method: str,
    confidence: float,
    weights: _Doubles | None = None,
    threads: int = 0,
) -> _Doubles: ...
def item_replicates(
    scores: _Doubles,
    labels: _Labels,
    *,
    n_resamples: int,
    seed: int,
    weights: _Doubles | None = None,
    threads: int = 0,
) -> _Doubles: ...
def intervals(
    estimates: _Doubles, replicates: _Doubles, *, method: str, confidence: float
) -> _Doubles: ...
def count_replicates(
    model: Any,
    human: Any,
    metrics: Sequence[str],
    labels: _Labels,
    *,
    draw_items: bool,
    human_n: _Doubles | None,
    model_n: _Doubles | None,
    forms: _Forms | None = None,
    shrunken: bool = False,
    n_resamples: int,
    seed: int,
    nominal: _Nominal | None = None,
    positions: _Positions | None = None,
    threads: int = 0,
) -> _Doubles: ...
def count_row_means(
    model: Any,
    human: Any,
    metrics: Sequence[str],
    labels: _Labels,
    *,
    human_n: _Doubles | None,
    model_n: _Doubles | None,
    forms: _Forms | None = None,
    n_resamples: int,
    seed: int,
    nominal: _Nominal | None = None,
    positions: _Positions | None = None,
    threads: int = 0,
) -> _Doubles: ...
def delta_errors(
    model: Any,
    human: Any,
    metrics: Sequence[str],
    labels: _Labels,
    *,
    human_n: _Doubles,
    nominal: _Nominal | None = None,
    positions: _Positions | None = None,
    threads: int = 0,
) -> _Doubles: ...
def sample_replicates(
    model: Any,
    metrics: Sequence[str],
    labels: _Labels,
    answers: NDArray[np.uint8],
    options: Sequence[int],
    *,
    off_scale: Sequence[int] | None = None,
    weights: _Doubles | None,
    strata: NDArray[np.uint32] | None,
    clusters: NDArray[np.uint32] | None,
    draw_items: bool,
    draw_respondents: bool,
    shrunken: bool = False,
    n_resamples: int,
    seed: int,
    sample: int,
    nominal: _Nominal | None = None,
    positions: _Positions | None = None,
    threads: int = 0,
) -> _Doubles: ...
def sample_shares(
    answers: NDArray[np.uint8],
    options: Sequence[int],
    *,
    off_scale: Sequence[int] | None = None,
    weights: _Doubles | None = None,
) -> _Doubles: ...
def pairwise_means(
    model: Any,
    model_labels: _Labels,
    human: Any,
    human_labels: _Labels,
    metric: str,
    *,
    nominal: _Nominal | None = None,
    positions: _Positions | None = None,
    threads: int = 0,
) -> _Doubles: ...
def normal_quantile(p: float) -> float: ...
def stream(
    seed: int, replicate: int, n: int, *, sample: int | None = None
) -> NDArray[np.uint64]: ...
def metric_table() -> list[tuple[str, float, float, float, bool, bool, bool, bool]]: ...
def tabulate(
    answers: NDArray[np.uint8],
    n_answers: Sequence[int],
    weights: _Doubles,
    stops: Sequence[int],
    *,
    threads: int = 0,
) -> list[_Doubles]: ...
def machine_used() -> tuple[str, str, int, bool]: ...

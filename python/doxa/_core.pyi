from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

_Doubles = NDArray[np.float64]
_Labels = NDArray[np.uint32]

def score(
    model: Any,
    human: Any,
    metrics: Sequence[str] | None = None,
    *,
    nominal: bool | NDArray[np.bool_] | None = None,
    positions: _Doubles | tuple[_Doubles, NDArray[np.int64]] | None = None,
    threads: int = 0,
) -> _Doubles: ...
def item_intervals(
    scores: _Doubles,
    groups: _Labels,
    items: _Labels,
    n_groups: int,
    n_items: int,
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
    groups: _Labels,
    items: _Labels,
    n_groups: int,
    n_items: int,
    *,
    n_resamples: int,
    seed: int,
    weights: _Doubles | None = None,
    threads: int = 0,
) -> _Doubles: ...
def group_means(
    scores: _Doubles, groups: _Labels, items: _Labels, n_groups: int, n_items: int
) -> _Doubles: ...
def intervals(
    estimates: _Doubles, replicates: _Doubles, *, method: str, confidence: float
) -> _Doubles: ...
def item_stream(seed: int, replicate: int, n: int) -> NDArray[np.uint64]: ...
def metric_table() -> list[tuple[str, float, float, float, bool, bool, bool, bool]]: ...

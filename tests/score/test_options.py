from __future__ import annotations

import pytest

from doxa import _core
from doxa.errors import InvalidArgumentError
from doxa.score.options import METRICS, chosen_metrics, thread_count


def test_metrics_are_those_of_the_core() -> None:
    assert tuple(row[0] for row in _core.metric_table()) == METRICS
    assert METRICS[0] == "alignment"


def test_metrics_are_named_alone_or_together() -> None:
    assert chosen_metrics("alignment") == ("alignment",)
    assert chosen_metrics(["hellinger", "alignment"]) == ("hellinger", "alignment")
    with pytest.raises(InvalidArgumentError, match="no metrics were asked for: take some of align"):
        chosen_metrics([])


def test_threads_are_counted_from_one() -> None:
    assert thread_count(None) == 0
    assert thread_count(3) == 3
    for wrong in (0, -1):
        with pytest.raises(InvalidArgumentError, match=f"n_threads={wrong}: give a whole number"):
            thread_count(wrong)

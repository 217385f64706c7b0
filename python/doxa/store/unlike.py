"""Which replies of one model come from unlike machines, or from unlike versions."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from doxa.outside.documents import json_of

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["unlike"]


def unlike(answered: Iterable[tuple[str, str]]) -> list[str]:
    """Say for each model with replies of unlike origin how many came from where.

    Parameters
    ----------
    answered : iterable of (str, str)
        For each reply its model, and the versions that gave it, as JSON.

    Examples
    --------
    >>> unlike([("m", '{"doxa": "1"}'), ("m", '{"doxa": "2"}'), ("m", '{"doxa": "1"}')])
    ['m: 2 replies with doxa 1, 1 with doxa 2']
    >>> unlike([("m", '{"doxa": "1"}'), ("n", '{"doxa": "2"}')])
    []
    """
    counted = Counter(answered)
    by_model: dict[str, list[tuple[dict[str, str], int]]] = {}
    for (model, versions), n in counted.most_common():
        by_model.setdefault(model, []).append((json_of(versions), n))
    said = []
    for model, kinds in by_model.items():
        names = {name for versions, _ in kinds for name in versions}
        differ = sorted(n for n in names if len({versions.get(n) for versions, _ in kinds}) > 1)
        if differ:
            parts = [
                f"{n} with " + ", ".join(f"{name} {versions.get(name, '?')}" for name in differ)
                for versions, n in kinds
            ]
            parts[0] = parts[0].replace(" with", " replies with", 1)
            said.append(f"{model}: {', '.join(parts)}")
    return said

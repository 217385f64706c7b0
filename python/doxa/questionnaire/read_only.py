"""Read-only mappings that can be pickled, so that items and questions reach other processes."""

from __future__ import annotations

import copyreg
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["read_only"]

Key = TypeVar("Key")
Value = TypeVar("Value")


def read_only(mapping: Mapping[Key, Value]) -> MappingProxyType[Key, Value]:
    """Give a read-only copy of a mapping.

    Examples
    --------
    >>> import pickle
    >>> pickle.loads(pickle.dumps(read_only({7: "Q1"})))
    mappingproxy({7: 'Q1'})
    """
    return MappingProxyType(dict(mapping))


def _reduce(
    mapping: MappingProxyType[Any, Any],
) -> tuple[Callable[..., MappingProxyType[Any, Any]], tuple[Any, ...]]:
    return read_only, (dict(mapping),)


copyreg.pickle(MappingProxyType, _reduce)

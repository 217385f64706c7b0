"""How the core works on this machine."""

from __future__ import annotations

from typing import NamedTuple

from doxa import _core

__all__ = ["CoreUse", "core_use"]


class CoreUse(NamedTuple):
    """What the core uses of this machine.

    Attributes
    ----------
    instruction_set : str
        The one that it uses: avx512, avx2 or sse2 on x86-64, elsewhere the architecture's name.
    widest : str
        The widest one that this machine has.
    threads : int
        The threads of long work.
    optimised : bool
        Whether it was built with optimisation.
    """

    instruction_set: str
    widest: str
    threads: int
    optimised: bool


def core_use() -> CoreUse:
    """Ask the core what it uses of this machine.

    Raises
    ------
    InvalidArgumentError
        The environment's ``DOXA_ISA`` or ``DOXA_NUM_THREADS`` is wrong.

    Examples
    --------
    >>> core_use().threads > 0
    True
    """
    return CoreUse(*_core.machine_used())

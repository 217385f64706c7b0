"""From the scores of tokens to probabilities, and to one token."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from doxa.backend.decoder import Logits

__all__ = ["draw", "log_softmax"]


def log_softmax(logits: Logits) -> NDArray[np.float64]:
    """Return natural log-probabilities, in double precision.

    Parameters
    ----------
    logits : numpy.ndarray, shape (n_vocab,), float32

    Examples
    --------
    >>> np.exp(log_softmax(np.zeros(4, dtype=np.float32)))
    array([0.25, 0.25, 0.25, 0.25])
    """
    wide = logits.astype(np.float64)
    wide -= wide.max()
    wide -= np.log(np.exp(wide).sum())
    return wide


def draw(logits: Logits, temperature: float, generator: np.random.Generator) -> int:
    """Return the most likely token at temperature 0; else draw one.

    Parameters
    ----------
    logits : numpy.ndarray, shape (n_vocab,), float32
    temperature : float
        0 or more.
    generator : numpy.random.Generator
        It gives one number for each token drawn.

    Examples
    --------
    >>> draw(np.array([0.0, 2.0], dtype=np.float32), 0.0, np.random.default_rng(0))
    1
    """
    if temperature == 0:
        return int(np.argmax(logits))
    mass = np.exp(log_softmax(logits / np.float32(temperature))).cumsum()
    return int(np.searchsorted(mass, generator.random() * mass[-1], side="right"))

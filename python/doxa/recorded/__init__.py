"""Replies that are on disk: doxa's own runs, and what other programs recorded."""

from doxa.recorded.conditions import with_condition
from doxa.recorded.reading import FORMATS, read_recording
from doxa.recorded.recording import Recording
from doxa.recorded.run import read_run, store_path
from doxa.recorded.study import examples_of

__all__ = [
    "FORMATS",
    "Recording",
    "examples_of",
    "read_recording",
    "read_run",
    "store_path",
    "with_condition",
]

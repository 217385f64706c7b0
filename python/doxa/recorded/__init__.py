"""Replies that are on disk: doxa's own runs, and what other programs recorded."""

from doxa.recorded.recording import Recording
from doxa.recorded.run import read_run, store_path

__all__ = ["Recording", "read_run", "store_path"]

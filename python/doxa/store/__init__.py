"""Every reply of a run, the prompt that was sent and the examples it showed, once, safely on disk.

A run is one SQLite file. Three tables carry it. `cells` lists what is to be known: one row for
each way of asking each item, with the key of the request that asks it. `sent` says what that
request sends, and `replies` holds what came back, both by that key. A cell whose request changes
(another model file, another wording) gets a new key, and the old reply stays without being shown.
Each reply is committed by itself, so a process that dies loses the one it was waiting for.

============  ==================================================================
`store`       `Store`: one run's file, and all that is done with it
`record`      `Cell` and `Reply`, and how they are written down
`sent`        `Sent`: each distinct text once, and what each request is made of
`conditions`  the whole of each condition, one form for each name
`schema`      the tables, how they are begun and brought up to date; complaints
`lock`        a mark that a process is alive
`export`      replies to a file that other programs read
============  ==================================================================
"""

from doxa.store.record import Cell, Reply
from doxa.store.sent import Sent
from doxa.store.store import Store

__all__ = ["Cell", "Reply", "Sent", "Store"]

"""Keep every reply of a run on disk, with its prompt and the examples that the prompt showed.

A run is one SQLite file with three main tables. `cells` has one row for each item, way of asking
and draw, with the key of its request. By that key, `sent` holds what the request sends and
`replies` what came back. A cell whose request changes (another model file, another wording) gets a
new key; the old reply stays in the file but is not shown. Each reply is committed by itself, so a
process that dies loses only the reply it was waiting for.

============  ==================================================================
`store`       `Store`: reads and writes one run's file
`contents`    what is read from it, verified
`writing`     its transactions, and the mark of the process that writes
`record`      `Cell` and `Reply`, and their rows in the tables
`sent`        `Sent`: each distinct text once, and the texts of each request
`conditions`  each condition in full
`differing`   further replies to the same request, from runs that were merged
`taking`      takes what another store holds, a piece at a time
`unlike`      which replies come from unlike machines or versions
`work`        who has answered how much, and when
`seal`        a checksum for each row, and the number and sum of each table
`schema`      creates the tables, opens a file for writing
`reading`     opens a file for reading, which writes nothing
`migrate`     brings a file of an older version up to date
`checkpoint`  moves the write-ahead log into the file, soon
`away`        works on this machine for a place on a network file system
`lease`       which machine writes such a place
`place`       notices a file that was removed or replaced, and rescues its replies
`check`       verifies a file row by row
`recover`     copies what is whole in a damaged file to a new one
`trouble`     explains what is wrong with a file
`bundle`      all that a run holds in one file that is passed on
`export`      writes replies to a file that other programs read
============  ==================================================================
"""

from doxa.store.place import DisplacedError
from doxa.store.record import Cell, Reply
from doxa.store.sent import Sent
from doxa.store.store import Store

__all__ = ["Cell", "DisplacedError", "Reply", "Sent", "Store"]

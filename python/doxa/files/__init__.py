"""Files: reading them as named, unpacking within bounds, writing them whole, locking.

============  ====================================================================
`writing`     `replacing`: a file is written whole or not at all
`reasons`     `reason`: why a file could not be read or written, in one line
`saving`      `save_table`: a table as Parquet, CSV or JSON lines
`tables`      CSV and Parquet under the very name given; nothing else names a path to Polars
`unpack`      archives, within bounds on bytes, ratio, members and time
`vanishing`   temporary files that are gone when the program ends, however it ends
`zstandard`   how much a Zstandard frame can unpack to
`network`     folders that other machines write, or where locks and shared memory do not work
`lock`        a lock that ends with its process and says who holds it
============  ====================================================================
"""

from doxa.files.reasons import reason
from doxa.files.writing import replacing

__all__ = ["reason", "replacing"]

"""Files: reading them as named, unpacking within bounds, writing whole, quoting what they hold.

============  ====================================================================
`writing`     `replacing`: a file is written whole or not at all
`reasons`     `reason`: why a file could not be read or written, in one line
`quiet`       keeps the backtrace of a library's failure off the terminal
`documents`   JSON, TOML and Python literals: whatever is wrong with them is a ValueError
`saving`      `save_table`: a table as Parquet, CSV or JSON lines
`tables`      CSV and Parquet under the very name given; nothing else names a path to Polars
`unpack`      archives, within bounds on bytes, ratio, members and time
`vanishing`   temporary files that are gone when the program ends, however it ends
`zstandard`   how much a Zstandard frame can unpack to
`quoting`     text of strangers for terminal, CSV, LaTeX and file names
`lock`        a lock that ends with its process and says who holds it
`numbers`     the one checked door for numbers from outside
`unheard`     Ctrl-C during calls into libraries that do not let Python hear it
`secrets`     what addresses hold of secrets is left out of what is written
============  ====================================================================
"""

from doxa.files.reasons import reason
from doxa.files.writing import replacing

__all__ = ["reason", "replacing"]

"""Files and other sources from outside: writing whole, numbers checked, secrets left out.

============  ====================================================================
`writing`     `replacing`: a file is written whole or not at all
`numbers`     the one checked door for numbers from outside
`secrets`     what addresses hold of secrets is left out of what is written
============  ====================================================================
"""

from doxa.files.writing import reason, replacing

__all__ = ["reason", "replacing"]

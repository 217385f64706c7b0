"""What crosses the edge of the program: others' numbers, documents and texts, secrets, libraries.

============  ====================================================================
`numbers`     the one checked door for numbers from outside
`documents`   JSON, TOML and Python literals: whatever is wrong with them is a ValueError
`quoting`     text of strangers for terminal, CSV, LaTeX and file names
`written`     values as TOML, and lists that end with "and 3 more"
`secrets`     what addresses hold of secrets is left out of what is written
`extras`      libraries that an extra brings, and the check that they are there
`ending`      what is due when the program ends, even if it ends without unwinding
`processor`   its name, its instructions, and the cores that this process may use
`unheard`     Ctrl-C during calls into libraries that do not let Python hear it
`quiet`       keeps the backtrace of a library's failure off the terminal
============  ====================================================================
"""

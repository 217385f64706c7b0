"""Damaged files of every kind that doxa reads: each is read, or refused in one line.

    python -m damaged                     (in the folder tests, or  make damaged)
    python -m damaged --files 200 --seed 3 --kind xlsx --keep FOLDER

`kinds`    one sound file of each kind, and what reads it
`damage`   what happens to files: bytes that flip, cuts, odd values in the place of sound ones
`child`    reads files in a process of its own, with time and memory measured
`run`      makes the files, watches over the children, prints the figures
"""

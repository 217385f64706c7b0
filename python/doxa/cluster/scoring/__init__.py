"""Score pairs on a Ray cluster, with the bits of one machine.

=========  ===================================================================
`score`    `score`: means of groups over a folder of Parquet files or a Dataset
`files`    some rows of a file a task, so many at a time
`dataset`  the blocks of a Ray Dataset
`worker`   what runs on a node: a block is scored where it lies
=========  ===================================================================
"""

from doxa.cluster.scoring.score import score

__all__ = ["score"]

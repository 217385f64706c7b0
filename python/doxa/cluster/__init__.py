"""Many machines.

============  ===================================================================
`asking`      the same run on a Ray cluster (extra ``cluster``)
`scoring`     the same scores on a Ray cluster, from files or a Ray Dataset
`connection`  Ray, imported and started without a word
============  ===================================================================
"""

from doxa.cluster.scoring import score

__all__ = ["score"]

"""Ask models on a Ray cluster: one process plans and stores, workers hold models and answer.

A worker is a Ray actor with a loaded model. It takes blocks of tasks and returns their replies as
an Arrow batch, which is committed on arrival. What is lost with a worker is asked again.

============  ====================================================================
`ask`         `ask`: the run of an experiment on a cluster
`asker`       the tasks of one model, block by block, whatever happens to workers
`crew`        the workers: started, called, watched, replaced
`worker`      what runs on a node: a loaded model that answers blocks
`queue`       which tasks a worker gets next
`pace`        how many tasks make a block, and how long it may take
`handshake`   which workers may answer
`files`       model files that a node lacks
`batch`       what goes to workers and comes back: tasks, rows as an Arrow batch
`shape`       what each worker takes of its node
============  ====================================================================
"""

from doxa.cluster.asking.ask import ask

__all__ = ["ask"]

# %% [markdown]
# # On a cluster
#
# The same run on many machines gives the same replies, bit for bit. This notebook shows it on one
# machine: two workers of a Ray cluster, then two shards as a scheduler would run them, against one
# process. It needs `pip install "doxa[llama,cluster]"`.

# %%
import os

from doxa.demo import demo_model

os.environ["MODEL"] = str(demo_model(small=True))

# %% [markdown]
# ## One process

# %% language="bash"
# doxa ask --model "$MODEL" --questions 4 --elicit logprobs --out runs/one

# %% [markdown]
# ## Two workers of a Ray cluster
#
# `--cluster local` starts Ray on this machine alone; with `auto`, or an address, it is the same
# command on all nodes of a cluster. Workers may die, join and leave.

# %% language="bash"
# doxa ask --model "$MODEL" --questions 4 --elicit logprobs --out runs/two \
#   --cluster local --workers 2 --cpus-per-worker 1

# %% [markdown]
# ## Two shards
#
# Without Ray, each task of a Slurm array asks its own part, and one command joins them.

# %% language="bash"
# doxa ask --model "$MODEL" --questions 4 --elicit logprobs --out runs/part-1 --shard 1/2
# doxa ask --model "$MODEL" --questions 4 --elicit logprobs --out runs/part-2 --shard 2/2
# doxa merge runs/part-1 runs/part-2 --out runs/merged

# %% [markdown]
# ## The same replies

# %%
from doxa.store import Store

replies = {}
for name in ("one", "two", "merged"):
    with Store.read(f"runs/{name}/replies.sqlite") as store:
        replies[name] = store.replies().drop("seconds")
assert replies["one"].equals(replies["two"])
assert replies["one"].equals(replies["merged"])
replies["one"].select("question", "codes", "probabilities").head()

# %% [markdown]
# [Many machines](../how-to/cluster.md) has Slurm, GPUs, what happens when a worker dies, and network
# file systems; [scoring on many machines](../how-to/scoring.md) has Dask, Spark and DuckDB.

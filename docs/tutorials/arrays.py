# %% [markdown]
# # Score your arrays
#
# Two lists of distributions, one of a model and one of people, are all that scoring needs.

# %%
import doxa

model = [[0.1, 0.2, 0.3, 0.4], [0.5, 0.3, 0.2], [0.9, 0.1], [0.2, 0.5, 0.3], [0.6, 0.4]]
human = [[0.2, 0.2, 0.2, 0.4], [0.4, 0.4, 0.2], [0.7, 0.3], [0.3, 0.3, 0.4], [0.5, 0.5]]
result = doxa.score_batch(model, human, resample="items", seed=1)
result.groups

# %% language="bash"
# doxa score --table list

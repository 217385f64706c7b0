"""What the tables of `doxa.analysis` share.

============  ===================================================
`settings`    `Settings`: how a table is computed
============  ===================================================
"""

"""Models of the Hugging Face hub, in its own client's cache.

=============  ====================================================================
`find`         `locate_hub`: a repository's name → a file in the cache
`listing`      what a repository holds: its commit, its files and their hashes
`download`     brings a file into the cache; a broken download goes on
`cache`        the cache, read without the client
`trouble`      whatever the hub or the network answers, in one line with the remedy
=============  ====================================================================
"""

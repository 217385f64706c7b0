"""What the backends of servers share: an address, a connection, its faults, the reading of replies.

=============  ====================================================================
`address`      where a server is and how it is paid: the address, the key, their secrets
`connection`   sends requests, within bounds on time and size, and tries again
`fault`        why a request has no answer, and whom that concerns
`streak`       faults in a row: an `error` reply each, or the end of the run
`completion`   the body of a chat completion, read as an answer
=============  ====================================================================
"""

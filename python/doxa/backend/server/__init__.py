"""What servers are asked, and how: found out on connecting, then by the best way that each offers.

==============  ====================================================================
`address`       where a server is and how it is paid: the address, the key, their secrets
`connection`    sends requests, within bounds on time and size, and tries again
`fault`         why a request has no answer, and whom that concerns
`streak`        faults in a row: an `error` reply each, or the end of the run
`probe`         finds out what a server is, and chooses one of three ways of asking it
`capabilities`  what it is and can do
`asking`        from a request to an answer, whichever way is taken
`llama_server`  a way: llama-server, which tells the probability of any token
`completions`   a way: vLLM and others, which tell the probabilities of a prompt's tokens
`echoed`        those probabilities, read from a reply
`chat`          a way: a chat end point, which lists its likeliest first tokens
`completion`    the body of a chat completion, read as an answer
`member`        one server of a pool: its pace, and its rests after failures
`pool`          several servers of one model, asked together
==============  ====================================================================
"""

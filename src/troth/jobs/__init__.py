"""Durable work: jobs that survive the process that does them, in queues, by any number of workers.

This room drives DBOS and knows nothing of what the jobs do: functions are handed in. A job is a loop of short turns;
what a turn returns is kept before the next begins, so that another worker goes on where one was killed. Inputs and
results hold references and counts, never a personal value, for the database of jobs keeps them.
"""

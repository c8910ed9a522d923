"""Durable work: jobs that survive the death of whoever does them, queues, schedules, slots of workers.

Nothing here knows what a job is about: functions are handed in by name. Inputs and results are JSON without a
personal value.
"""

"""Copies of stores that are kept elsewhere: which there are, until when, and when the last one with somebody is gone.

Troth makes no backups and opens none. It keeps a register, fed by people and by the listings of the tools that make
them, and says for each erasure when the last copy that may hold the person is gone.
"""

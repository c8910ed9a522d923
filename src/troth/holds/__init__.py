"""Holds: orders not to delete, by person, by dataset or by condition, each with an owner and a review date.

`scopes` and `conditions` read what people write, `register` keeps holds in the ledger, `facts` tells them to the
planner. Whether a hold wins over an action is decided by the planner, by rank.
"""

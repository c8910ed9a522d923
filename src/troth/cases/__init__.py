"""Rights requests from opening to closure: what may happen next, by when, and who must decide.

A case is what its append-only events add up to; `case` folds them, `moves` says which may come next, `which` picks
the laws and `clocks` their dates. `register` keeps events and evidence together in the ledger.
"""

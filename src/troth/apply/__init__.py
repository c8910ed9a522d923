"""Carry a plan out: in batches that can be addressed, repeated and resumed, then recheck and purge."""

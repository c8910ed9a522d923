"""What people chose: opt-outs, opt-ins and withdrawals in their smallest form, asked before a use.

A choice is kept as keyed digests and outlives erasure, so that who opted out is known again. Objections to a purpose
live with the rights engine; `register.stands` asks both. Nothing here changes a store.
"""

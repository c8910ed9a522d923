"""Proof of what was done: entries without personal values, a Merkle tree over them, signed checkpoints.

Pure: entries go in as bytes and come out as proofs; where they are kept is behind `log.Storage`. The one
module that touches files is `keyfiles` (and `verify`, when run as a command: it imports nothing of Troth, so
that an auditor can take that one file).
Stands to the right of plan and ledger: both write entries, neither is known here.
"""

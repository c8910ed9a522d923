"""The published text of a policy as sentences with fingerprints, so that rules can cite it without copying it.

Reads bytes that others fetched; opens no file, asks no network, keeps no text in what it writes (the lock).
It stands beside the rules: `says` in a policy resolves against the lock made here, and drift between text and
lock is found here. The way through: `reading.read_bytes` → `model.Text` → `lock.of` → `lock.resolve`,
`drift.compare`, `coverage.rows`.
"""

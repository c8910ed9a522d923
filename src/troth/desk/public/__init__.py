"""What the public sees: the policy, requests, their state, contact; no account, no script needed."""

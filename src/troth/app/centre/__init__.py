"""What the privacy centre needs: rights offered, requests filed, their state, proof, packages, the policy."""

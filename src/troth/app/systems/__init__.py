"""Other systems: their keys, what they call, what they are told."""

"""Work on a request: planned, decided by a person, done in the stores, answered, followed up."""

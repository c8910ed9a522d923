"""How a project's files are read: YAML with positions, declared keys, every fault at once. No I/O."""

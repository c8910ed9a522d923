"""What the laws give people, and by when: dated packs as data, and the clock that is computed from events. Pure."""

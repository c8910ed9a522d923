"""Where personal data lives: the live schema, the data map, and how rows reach their people. Pure."""

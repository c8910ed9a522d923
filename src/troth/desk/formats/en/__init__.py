"""English dates as most of the world writes them."""

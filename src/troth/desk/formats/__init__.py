"""How dates are written, by language: where Django writes them as one country alone does."""

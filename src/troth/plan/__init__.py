"""What must happen now, as data: frozen, hashed, explainable. Pure: policy, catalog and facts in, a plan out."""

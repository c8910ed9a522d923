"""What must happen now, as data: frozen, hashed, explainable. Pure: promises and facts in, a plan out."""

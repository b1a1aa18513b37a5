"""Examples to train on and to score by; no arrays yet."""

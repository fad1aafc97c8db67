"""How fast: each goal beside its reference, measured in the same run. ``python -m eval bench``."""

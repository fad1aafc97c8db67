"""How answers by an LLM fare: writers of known quality, faults of every kind, and errors planted on purpose."""

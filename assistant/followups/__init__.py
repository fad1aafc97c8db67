"""A follow-up becomes a standalone question: by rules, from what was asked and answered before."""

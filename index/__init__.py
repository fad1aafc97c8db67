"""A report becomes ranked evidence. Knows nothing of answers or of user interfaces."""

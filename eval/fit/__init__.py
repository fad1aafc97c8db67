"""Fitting what the assistant weighs: ``python -m eval fit``."""

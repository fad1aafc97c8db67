"""Answers written by an LLM and held to the report: the client, what it is sent, what of its reply is shown."""

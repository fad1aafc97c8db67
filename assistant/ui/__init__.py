"""The chat page and the HTTP interface: the only part that knows Gradio, FastAPI and uvicorn."""

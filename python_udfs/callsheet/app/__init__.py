"""The app: what publish.py wrote, as pages. `make app` starts it."""

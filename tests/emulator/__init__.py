"""A local AWS for the tests and the demo: moto's server, extended from outside with what Drawbridge relies on.

Start it with `PYTHONPATH=tests .venv/bin/python -m emulator --port 5000`; README.md in this folder says the rest.
"""

"""Checks of infra/: templates, role policies, event patterns, Guard rules. `python -m pytest tests/infra -q`."""

"""Alarms and dashboards: made with what they watch, kept in step, and gone with it, on the deployed functions."""

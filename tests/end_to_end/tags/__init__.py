"""Tags: who made it, for whom, by which rule, at whose cost, on the deployed functions."""

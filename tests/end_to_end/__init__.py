"""The real templates and the real function on the local AWS, from outside."""

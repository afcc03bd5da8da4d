"""Cloud Map: endpoints that are found in it, targets and Availability Zones that follow, on the deployed functions."""

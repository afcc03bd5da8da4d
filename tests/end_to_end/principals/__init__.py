"""Who may request a connection at all: a hub that keeps the allowed principals of its services in step with the policy."""

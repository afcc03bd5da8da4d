"""The Organization as it is rolled out: management account, hub, and members by the stack set."""

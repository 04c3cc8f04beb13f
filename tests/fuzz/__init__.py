"""The whole API asked by a machine, on real orders: `python -m tests.fuzz`."""

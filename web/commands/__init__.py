"""What can be told: one command on one order now, each in a file of its own."""

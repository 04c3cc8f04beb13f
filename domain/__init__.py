"""What we decide. Pure: the same input, the same output, for ever."""

"""What we can prove from the log alone: replay, and what was known as of a moment."""

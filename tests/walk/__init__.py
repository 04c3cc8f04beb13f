"""Every way in which one order can go: all messages, two processes, and a crash at every point."""

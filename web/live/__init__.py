"""Pages that wait are told when they would look different: server-sent events, one watcher."""

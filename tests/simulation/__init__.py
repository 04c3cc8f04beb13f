"""The core under a fake clock, a fake broker and a store that breaks: one seed, one story."""

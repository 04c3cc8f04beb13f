"""Faults on purpose: processes killed and frozen, and the proof that nothing was lost."""

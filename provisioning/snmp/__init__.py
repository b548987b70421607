"""Watching devices: what to ask, how the answers are read, what they mean (pure); asking and hearing them (I/O)."""

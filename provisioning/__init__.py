"""Devices: inventory, makers, rendering (pure); serving their files and watching them (I/O)."""

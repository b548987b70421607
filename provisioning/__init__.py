"""Devices: inventory, makers, rendering; serving their files and watching them. Comes with its own work."""

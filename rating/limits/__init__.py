"""Toll-fraud limits: whether a chargeable call may go out, and for how long, before it does."""

"""From fees, charges and one-off items to a member's monthly invoice. Members and lines come in as plain values."""

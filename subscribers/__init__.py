"""Who has which line and how it is set: the rules are pure modules here, what is stored is in `records`."""

"""The Asterisk side: everything that talks to a running Asterisk."""

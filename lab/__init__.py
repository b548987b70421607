"""A telephone network on loopback for operators and tests: the switch, a carrier and phones, in containers."""

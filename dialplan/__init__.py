"""What Asterisk executes, and the words it is told in: the numbering plan, the Route, the configuration files."""

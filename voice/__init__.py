"""What a caller hears: the prompts, the words a number is spoken in, and the builder of the files."""

"""The command line (and later the pages): thin, over the same functions; and the one composition root."""

"""TFTP, reading only: the bytes, the options and the transfer (pure), and the server around them."""

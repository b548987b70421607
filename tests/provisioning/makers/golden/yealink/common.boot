#!version:1.0.0.1

include:config "$MAC.cfg"
overwrite_mode = 1

#!version:1.0.0.1

include:config "aabbcc012345.cfg"
overwrite_mode = 1

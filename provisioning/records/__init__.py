"""What is stored of devices: functions that take a connection and leave the commit to it."""

"""Devices' files over HTTP and HTTPS: the same names, under a device's secret or to one that shows a certificate."""

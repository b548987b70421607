"""The ARI client: one websocket carries the events in and the REST requests out."""

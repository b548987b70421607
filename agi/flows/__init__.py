"""One linear coroutine per thing a caller can do."""

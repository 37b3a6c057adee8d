"""The HTTP API, one module per thing it is about."""

"""The schema's history, run by `gateway.storage.migrate`."""

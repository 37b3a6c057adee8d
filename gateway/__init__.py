"""The gateway: personal data leaves only for a named purpose, in the amount needed, after it was written down."""

"""What Alembic runs for every migration: on the connection that `migrate` hands over, inside its transaction.

It must never open a connection of its own or commit: the caller's transaction decides.
"""

from __future__ import annotations

from alembic import context

from gateway.storage.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,  # both databases take back a half-done migration
)
context.run_migrations()

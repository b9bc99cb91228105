"""What Alembic runs: the steps, on the connection that :mod:`core.database` has opened and locked."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], target_metadata=None)
with context.begin_transaction():
    context.run_migrations()

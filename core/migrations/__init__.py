"""How the workspace database came to be what it is: one step a file, each run once by Alembic."""

"""Run by Alembic through store.migrate, on the connection it is given and in its open transaction."""

from alembic import context

import agi.trunks  # noqa: F401
import provisioning.tables  # noqa: F401
import rating.invoice.tables
import rating.limits.tables
import rating.tables  # noqa: F401
import subscribers.tables  # noqa: F401  puts its tables on the metadata
from store.metadata import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    transactional_ddl=True,
)
context.run_migrations()

"""How Alembic runs the migrations: on the connection it is given, or on the URL it is given.

The models are only loaded to compare or to write a new revision; an upgrade does without them.
"""

from alembic import context
from sqlalchemy import Connection, MetaData

from storage.engine import migration_engine, parse_url


def _models() -> MetaData:
    # lazy: SQLModel and all tables are only needed to compare.
    from storage.schema import METADATA

    return METADATA


def _run(connection: Connection) -> None:
    needs_models = context.config.attributes.get("connection") is None
    context.configure(
        connection=connection,
        target_metadata=_models() if needs_models else None,
        render_as_batch=connection.dialect.name == "sqlite",
        # SQLite can roll back DDL too, once the driver's own transactions are out of the way.
        transactional_ddl=True,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    _run(given)
else:
    engine = migration_engine(parse_url(context.config.get_main_option("sqlalchemy.url", "")))
    with engine.connect() as own:
        _run(own)
        own.commit()

"""${message}.

Revision ID: ${up_revision}
Revises: ${down_revision}
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy import Text
from sqlalchemy.dialects.postgresql import JSONB
${imports if imports else ""}

# Revisions are numbered: 0002, 0003... Remove the imports this one does not use. On SQLite a table
# that is rebuilt by `batch_alter_table` loses its triggers: create them again in the same revision.
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    ${downgrades if downgrades else "pass"}

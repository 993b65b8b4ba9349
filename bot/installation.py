"""A whole installation on one machine: data folder, migrations, embedded queue, every role."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from bot import roles
from bot.embedded import DataFolder, become_server
from bot.settings import Settings
from bot.supervisor import Role, Supervisor
from bot.wiring import Parts
from storage.migrate import upgrade

Prepare = Callable[[Parts], None]


@dataclass
class Installation:
    """One running installation; holds the lock on its data folder."""

    settings: Settings
    folder: DataFolder = field(init=False)
    has_stream: bool = field(init=False, default=False)
    """Whether any tenant's DingTalk comes over Stream."""

    def __post_init__(self) -> None:
        """Name the folder; nothing is locked yet."""
        self.folder = DataFolder(self.settings.data_dir)

    def prepare(self, fill: Prepare | None = None) -> None:
        """Lock the folder, migrate the database and set up tenant `main`.

        Connections opened here are closed again: the roles fork from this process.

        Raises:
            DataFolderInUse: another installation runs on the folder.
        """
        self.folder.lock()
        upgrade(self.settings.resolved_database_url)
        parts = Parts(self.settings)
        parts.set_up_main()
        if fill is not None:
            fill(parts)
        self.has_stream = bool(parts.stream_configs())
        parts.close()

    def roles(self, web: Callable[[], None] | None = None) -> list[Role]:
        """Give the roles in starting order; which are needed is known once it is prepared."""
        given = self.settings
        queue = [] if given.redis_url else [Role("queue", partial(become_server, given.data_dir))]
        stream = [Role("stream", partial(roles.stream, given))] if self.has_stream else []
        return [
            *queue,
            Role("web", web or partial(roles.web, given)),
            Role("worker", partial(roles.worker, given)),
            Role("backtests", partial(roles.backtests, given)),
            Role("scheduler", partial(roles.scheduler, given)),
            *stream,
        ]

    def run(self, all_roles: list[Role], started: Callable[[], None]) -> None:
        """Run the roles until SIGTERM or Ctrl-C."""
        supervisor = Supervisor(all_roles)
        supervisor.start()
        started()
        supervisor.run()

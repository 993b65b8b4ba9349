"""The commands `zhufen apikey`: keys of the open API."""

from typing import Annotated

import typer

from bot.terminal import AsJson, Tenant, settings, show, told
from domain.apikeys import Scope

apikey_app = typer.Typer(no_args_is_help=True, help="Keys of the open API.")


@apikey_app.command("create")
def create(
    name: Annotated[str, typer.Argument(help="What the key is for.")],
    scope: Annotated[list[Scope], typer.Option(help="May be given several times.")],
    *,
    member: Annotated[str, typer.Option(help="Name of who does what is done with it.")] = "",
    tenant: Tenant = "main",
    as_json: AsJson = False,
) -> None:
    """Make a key and print it, this once."""
    # lazy: a command that only prints must not load the whole application.
    from bot.cli_keys import create_api_key

    with told():
        made = create_api_key(settings(), tenant, name, scope, member=member)
    show(made, as_json=as_json)


@apikey_app.command("list")
def list_all(*, tenant: Tenant = "main", as_json: AsJson = False) -> None:
    """List the keys, without what makes them secret."""
    # lazy: see above.
    from bot.cli_keys import list_api_keys

    with told():
        keys = list_api_keys(settings(), tenant)
    if as_json:
        show({"keys": keys}, as_json=True)
    for key in () if as_json else keys:
        show({**key, "scopes": " ".join(key["scopes"])}, as_json=False)


@apikey_app.command("revoke")
def revoke(
    key: Annotated[str, typer.Argument(help="The key's id, see `list`.")],
    *,
    tenant: Tenant = "main",
    as_json: AsJson = False,
) -> None:
    """Take a key out of use for good."""
    # lazy: see above.
    from bot.cli_keys import revoke_api_key

    with told():
        done = revoke_api_key(settings(), tenant, key)
    show(done, as_json=as_json)

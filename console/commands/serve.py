"""`denwaban serve`: decides and charges until it is stopped."""

import typer

from console.desk import at_desk
from console.serve import run


def serve(ctx: typer.Context) -> None:
    """Run the service in the foreground; systemd or the lab keeps it running."""
    run(at_desk(ctx).settings)

"""The command app: the what-if page in a browser on this machine."""

from __future__ import annotations

from typing import Annotated

import typer

from fsinsure.errors import InputError
from fsinsure.input_cli import Language
from fsinsure.output.terminal.say import say

pages = typer.Typer()


@pages.command(
    name="app",
    help="打开情景推演页面 · Open the what-if page in a browser, on this machine only.",
    epilog="Example: fsinsure app baseline --lang en",
)
def page(
    scenario: Annotated[
        str | None, typer.Argument(metavar="[SCENARIO]", help="A scenario file or a shipped name.")
    ] = None,
    region: Annotated[
        str | None, typer.Option(help="A shipped region, to open with a scenario of it.")
    ] = None,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port; by default any that is free.")
    ] = 0,
    browser: Annotated[bool, typer.Option(help="Open the page in the browser.")] = True,
    lang: Language = "zh",
) -> None:
    """Serve the page until Ctrl-C."""
    from fsinsure.app import server
    from fsinsure.app.start import Start, opened

    server.check_installed()
    start = Start(_chosen(scenario, region), lang)
    opened(start.scenario)
    bound = server.listen(port)
    start.publish()
    server.warm(start)

    def ready(address: str) -> None:
        from fsinsure.output.labels import label

        say(label("app.ready", lang, address=address))
        if browser:
            from webbrowser import open_new_tab

            open_new_tab(address)

    server.serve(bound, ready)


def _chosen(scenario: str | None, region: str | None) -> str:
    """Return the scenario that is opened."""
    from fsinsure.app.start import first_of, opened
    from fsinsure.region.load import default_region

    if scenario is None:
        return first_of(region or default_region())
    if region is not None and opened(scenario).region.name != region:
        raise InputError(
            "{scenario} is a scenario of the region {own}, not of {region}: omit --region, or "
            "name a scenario of {region}",
            scenario=scenario,
            own=opened(scenario).region.name,
            region=region,
        )
    return scenario

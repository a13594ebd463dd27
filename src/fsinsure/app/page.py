"""The what-if page, a marimo notebook: controls, and what comes of them.

What it computes is in the modules beside it; ``fsinsure app`` serves it (docs/app.md).
"""

import marimo

app = marimo.App(width="full", app_title="fsinsure")

with app.setup:
    import marimo as mo

    from fsinsure.app import content, controls, model, start
    from fsinsure.errors import FsinsureError
    from fsinsure.output.labels import label


@app.cell
def _():
    begun = start.started()
    offered = start.offered(begun)
    kept = controls.Kept()
    get_lang, set_lang = mo.state(begun.lang)
    get_scenario, set_scenario = mo.state(begun.scenario)
    get_problem, set_problem = mo.state(kept.problem)
    get_pin, set_pin = mo.state(None)
    get_range, set_range = mo.state(None)
    get_sought, set_sought = mo.state(None)
    return (
        get_lang,
        get_pin,
        get_problem,
        get_range,
        get_scenario,
        get_sought,
        kept,
        offered,
        set_lang,
        set_pin,
        set_problem,
        set_range,
        set_scenario,
        set_sought,
    )


@app.cell
def _(get_lang, get_scenario):
    # A cell that makes a control is not run again by what the control sets: this one is.
    lang, name = get_lang(), get_scenario()
    own = start.opened(name)
    return lang, name, own


@app.cell
def _(lang, name, offered, own, set_lang, set_scenario):
    language = controls.language(lang, set_lang)
    region, scenario = controls.selectors(own, name, offered, lang, set_scenario)
    return language, region, scenario


@app.cell
def _(get_sought, kept, lang, own):
    get_sought()  # a solved lever moves its slider
    panel = controls.panel(own, lang, kept.of(own))
    rows = controls.rows(panel, own, lang)
    return panel, rows


@app.cell
def _(get_problem, language, region, rows, scenario):
    mo.sidebar(
        mo.vstack([language, region, scenario, controls.layout(rows, get_problem())]),
        width="430px",
    )
    return


@app.cell
def _(kept, lang, own, panel, set_problem):
    setting = controls.setting_of(panel.value, own)
    try:
        kept.last, problem = model.Shown(model.projected(model.scenario_of(own, setting))), ("", "")
    except FsinsureError as error:
        problem = (controls.moved(kept.setting, setting), error.text(lang))
    shown = kept.shown(own)
    kept.setting = setting
    if problem != kept.problem:
        kept.problem = problem
        set_problem(problem)
    return setting, shown


@app.cell
def _(get_pin, get_range, shown):
    pinned, drawn = content.still(shown, get_pin(), get_range())
    return drawn, pinned


@app.cell
def _(drawn, lang, pinned, shown):
    mo.Html(content.main(shown, lang, pinned, drawn))
    return


@app.cell
def _(kept, lang, set_pin, set_sought):
    pin = mo.ui.button(label=label("app.pin", lang), on_click=lambda _: set_pin(kept.last))
    unpin = mo.ui.button(label=label("app.unpin", lang), on_click=lambda _: set_pin(None))
    reset = mo.ui.button(
        label=label("app.reset", lang), on_click=lambda _: set_sought(kept.reset())
    )
    draws, draw = content.draw_controls(lang)
    mo.hstack([pin, unpin, reset, draws, draw], justify="start", wrap=True)
    return draw, draws


@app.cell
def _(draw, draws, kept, lang, set_range):
    if draw.value:
        set_range(content.drawing(kept.last, draws.value, lang))
    return


@app.cell
def _(get_range):
    content.draw_problem(get_range())
    return


@app.cell
def _(kept, lang):
    tab = controls.tabs(content.TABS, kept, lang)
    tab
    return (tab,)


@app.cell
def _(lang, own):
    channel = content.measure_choice(own, lang)
    aim, solved, value, seek = seeking = content.seek_controls(own, lang)
    return aim, channel, seek, seeking, solved, value


@app.cell
def _(aim, kept, lang, own, seek, set_sought, solved, value):
    if seek.value:
        set_sought(content.sought(kept, own, aim.value, solved.value, value.value, lang))
    return


@app.cell
def _(channel, drawn, get_sought, lang, pinned, seeking, shown, tab):
    content.tab(
        tab.value,
        shown,
        lang,
        pinned=pinned,
        drawn=drawn,
        channel=channel,
        seeking=seeking,
        found=get_sought(),
    )
    return


if __name__ == "__main__":
    app.run()

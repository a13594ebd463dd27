"""The what-if page, a marimo notebook: controls, and what comes of them.

What it computes is in the modules beside it; ``fsinsure app`` serves it (docs/app.md).
"""

import marimo

app = marimo.App(width="full", app_title="fsinsure")

with app.setup:
    import marimo as mo

    from fsinsure.app import controls, figures, model, start, tables
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
    return (
        get_lang,
        get_pin,
        get_problem,
        get_scenario,
        kept,
        offered,
        set_lang,
        set_pin,
        set_problem,
        set_scenario,
    )


@app.cell
def _(get_lang, set_lang):
    lang = get_lang()
    language = mo.ui.radio(
        {"中文": "zh", "English": "en"},
        value={"zh": "中文", "en": "English"}[lang],
        inline=True,
        on_change=set_lang,
    )
    return lang, language


@app.cell
def _(get_scenario, lang, offered, set_scenario):
    own = start.opened(get_scenario())
    regions = controls.regions(offered, lang)
    region = mo.ui.dropdown(
        regions,
        value=next(name for name, key in regions.items() if key == own.region.name),
        label=label("app.region", lang),
        on_change=lambda key: set_scenario(offered[key][0]),
    )
    titles = controls.scenarios(offered[own.region.name], lang)
    scenario = mo.ui.dropdown(
        titles,
        value=next(title for title, name in titles.items() if name == get_scenario()),
        label=label("app.scenario", lang),
        on_change=set_scenario,
    )
    return own, region, scenario


@app.cell
def _(kept, lang, own):
    panel = controls.panel(own, lang, kept.of(own))
    rows = controls.rows(panel, own, lang)
    return panel, rows


@app.cell
def _(get_problem, language, region, rows, scenario):
    mo.sidebar(
        [
            mo.Html(f"<style>{tables.STYLE}</style>"),
            language,
            region,
            scenario,
            controls.layout(rows, get_problem()),
        ],
        width="420px",
    )
    return


@app.cell
def _(kept, own, panel, set_problem):
    setting = controls.setting_of(panel.value, own)
    try:
        kept.last, problem = model.Shown(model.projected(model.scenario_of(own, setting))), ("", "")
    except FsinsureError as error:
        problem = (controls.moved(kept.setting, setting), str(error))
    shown = kept.shown(own)
    kept.setting = setting
    if problem != kept.problem:
        kept.problem = problem
        set_problem(problem)
    return setting, shown


@app.cell
def _(get_pin, shown):
    pinned = get_pin()
    if pinned is not None and pinned.scenario.region != shown.scenario.region:
        pinned = None
    drawn = None
    return drawn, pinned


@app.cell
def _(drawn, lang, pinned, shown):
    mo.vstack(
        [
            mo.md(f"## {shown.scenario.title.get(lang, shown.scenario.name)}"),
            mo.Html(figures.enrollment(shown, lang, pinned=pinned, drawn=drawn)),
            mo.Html(tables.targets(shown, lang, pinned=pinned, drawn=drawn)),
        ]
    )
    return


if __name__ == "__main__":
    app.run()

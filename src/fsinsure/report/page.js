"use strict";
// Draws the charts from the data beside them. Nothing is fetched, and nothing is stored.
(() => {
  const settings = JSON.parse(document.getElementById("settings").textContent);
  const words = settings.words;
  Plotly.register({
    moduleType: "locale",
    name: settings.locale,
    dictionary: {
      "Zoom": words.zoom,
      "Pan": words.pan,
      "Zoom in": words.zoom_in,
      "Zoom out": words.zoom_out,
      "Reset axes": words.reset,
      "Download plot as a PNG": words.picture,
      "Download plot": words.picture,
      "Double-click to zoom back out": words.hint_zoom,
      "Double-click on legend to isolate one trace": words.isolate,
    },
    format: {},
  });
  const config = {
    displaylogo: false,
    responsive: true,
    locale: settings.locale,
    modeBarButtons: [["zoom2d", "pan2d", "zoomIn2d", "zoomOut2d", "resetScale2d", "toImage"]],
  };
  const plots = [];

  // Layers of a chart that scale with the width of a sheet of paper.
  function scale(plot) {
    for (const layer of plot.querySelectorAll("svg.main-svg")) {
      const width = layer.getAttribute("width");
      const height = layer.getAttribute("height");
      layer.setAttribute("viewBox", `0 0 ${width} ${height}`);
    }
  }

  for (const figure of document.querySelectorAll("figure")) {
    const plot = figure.querySelector(".plot");
    const chart = JSON.parse(figure.querySelector("script.chart").textContent);
    Plotly.newPlot(plot, chart.data, chart.layout, config).then(() => scale(plot));
    plot.on("plotly_afterplot", () => scale(plot));
    plots.push(plot);
  }

  for (const box of document.querySelectorAll("#toggles input")) {
    box.addEventListener("change", () => {
      const scenario = Number(box.dataset.scenario);
      for (const plot of plots) {
        const traces = [...plot.data.keys()].filter(
          (at) => plot.data[at].meta?.scenario === scenario,
        );
        if (traces.length) Plotly.restyle(plot, { visible: box.checked }, traces);
      }
    });
  }
  document.body.dataset.drawn = String(plots.length);
})();

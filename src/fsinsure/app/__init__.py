"""The what-if page: levers on sliders, and what a scenario gives with them."""

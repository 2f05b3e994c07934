// Before the first paint: the chosen theme, so that nothing flashes.
(function () {
  var chosen = null;
  try {
    chosen = localStorage.getItem("eventlens.theme");
  } catch (_) {
    // storage may be forbidden: the system's theme is used
  }
  var dark = chosen === "dark" || (chosen !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
})();

/** Texts of the product's later pages; a part of `en.ts`. */
export const pages = {
  goals: {
    title: "Goals", new: "New goal", none: "No goals yet", noneHint: "A goal is an event or a page that visitors should reach. It is counted over the past too.", choose: "Goal in the chart", people: "{{n}} of {{of}} visitors",
    over: "{{name}} over time", by: "Conversions by", unique: "People", total: "Conversions", rate: "Rate", change: "Change", isEvent: "Event {{name}}", isPage: "Page {{name}}", times: "{{n}} times", earned: "{{money}} earned", kind: "A goal is",
    event: "Event", page: "Page", pageHint: "A path; * stands for anything.", confirmDelete: "Delete the goal “{{name}}”? Nothing that was counted is lost.", attribution: "Attribution", conversion: "Conversion", model: "Credit goes to", creditTo: "Credit by",
    lookback: "Within", days: "{{n}} days before", conversions: "conversions", converters: "people", share: "Share", models: { first: "the first visit", last: "the last visit", last_non_direct: "the last visit with a source" },
  },
  quality: {
    title: "Site health", count: "Events", depth: "On average", vitalOver: "{{name}} over time", byPage: "{{name}} by page", spread: "Spread",
    kinds: { "web-vitals": "Web vitals", errors: "Errors", "scroll-depth": "Scroll depth", downloads: "Downloads", "outgoing-links": "Outgoing links", "not-found": "Not found" },
    heads: { message: "Message", path: "Page", file: "File", link: "Link" },
    hints: {
      "web-vitals": "Events named web_vital with a name and a value appear here. The script tag sends them with data-web-vitals.", errors: "Events named error with a message appear here.", "scroll-depth": "Events named scroll_depth with a depth in percent appear here.",
      downloads: "Events named file_download with the file's address appear here.", "outgoing-links": "Events named link_out with the link's address appear here.", "not-found": "Events named not_found appear here, by their page.",
    },
    vitals: { LCP: "Largest paint", INP: "Interaction", CLS: "Layout shift", FCP: "First paint", TTFB: "First byte" }, ratings: { good: "good", needs_improvement: "could be better", poor: "poor" },
  },
  notes: { title: "Notes on the chart", text: "What happened?", example: "Version 2 is out", when: "When" },
  boards: {
    title: "Dashboards", new: "New dashboard", none: "No dashboards yet", noneHint: "Put the numbers that you look at every day on one page.", edit: "Arrange", done: "Done", addTile: "Add a tile", tile: "Tile", kinds: { number: "Number", chart: "Chart", list: "List", goals: "Goals", report: "Saved report" }, kind: "Shows",
    metric: "Number", what: "List of", report: "Report", heading: "Heading", move: "Move {{name}}: arrow keys", resize: "Size of {{name}}: arrow keys", removeTile: "Remove {{name}}", empty: "Add the first tile", confirmDelete: "Delete the dashboard “{{name}}”?", starter: "Start with an example", gone: "This report was deleted.", rename: "Name of the dashboard", show: "Show {{name}}", starterName: "At a glance", unfit: "Open the report to see it whole.",
  },
  replays: { title: "Recordings", none: "No recordings in this span", noneHint: "Sessions recorded with rrweb and sent to /replay can be watched here.", watch: "Watch", length: "Length", size: "Size", play: "Play", pause: "Pause", speed: "Speed", at: "Position in the recording", skip: "Skip pauses", failed: "This recording cannot be shown.", recorded: "Recording of the session", short: "Its beginning is missing: nothing can be drawn." },
  help: { title: "Keyboard shortcuts", open: "Search and commands", sheet: "This help", filter: "Add a filter", span: "Choose the span", go: "Go to {{page}}", everywhere: "Everywhere", pages: "Pages", chart: "In a chart", walk: "Walk through the buckets", theme: "Light or dark", close: "Close what is open" },
  history: { title: "How they became one", link: "{{device}} was identified as {{profile}}", apart: "{{device}} was used as {{profile}} too, but belongs to somebody else", alias: "{{alias}} is another name of {{profile}}" },
};

import { pages } from "@/locales/pages.en";
import { people } from "@/locales/people.en";

/** Every text of the dashboard. `ko.ts` has the same keys; the type checker holds it. */
export const en = {
  ...pages,
  ...people,
  common: {
    download: "Download", close: "Close", retry: "Try again", offline: "The server cannot be reached. Is it running?", save: "Save", cancel: "Cancel",
    delete: "Delete", edit: "Edit", add: "Add", search: "Search", details: "Details", more: "Show more", loading: "Loading",
    copy: "Copy", copied: "Copied", none: "(none)", other: "(other)", name: "Name", all: "All", csv: "Download CSV", svg: "Download SVG", png: "Download PNG",
    back: "Back", unknown: "Unknown", apply: "Apply", clear: "Clear", skip: "Skip to content", filterBy: "Filter by {{value}}",
    notThere: "There is no such page", noData: "Nothing in this span", noDataHint: "Choose a longer span or take filters away.", menu: "Menu", remove: "Remove", total: "Total",
  },
  nav: {
    overview: "Overview", realtime: "Realtime", events: "Events", funnels: "Funnels", retention: "Retention", paths: "Paths", profiles: "Profiles",
    sessions: "Sessions", cohorts: "Cohorts", revenue: "Revenue", goals: "Goals", quality: "Site health", boards: "Dashboards", replays: "Recordings", reports: "Reports", settings: "Settings", home: "All projects", explore: "Explore",
    people: "People", project: "Project", switch: "Switch project", main: "Pages of the project", docs: "API documentation", commands: "Search and commands",
  },
  account: {
    menu: "Account and appearance", theme: "Appearance", light: "Light", dark: "Dark", system: "Like the system", language: "Language", signOut: "Sign out", signIn: "Sign in",
    email: "E-mail", password: "Password", signInTitle: "Sign in to Event Lens", signUp: "Create the account", signUpTitle: "Welcome to Event Lens", signUpHint: "The first account is the owner's.",
    code: "Code from your authenticator app", failed: "That did not work.", passwordHint: "10 characters or more", newPassword: "Choose a new password", unavailable: "This server has no sign-in yet.", needOther: "Use another account",
    yourName: "Your name", invited: "You are invited to {{name}}", join: "Accept the invitation",
  },
  view: {
    range: "Span", compare: "Compare", compareWith: "Compare with", previous: "Previous period", year: "Same span last year", none: "No comparison", interval: "Interval",
    custom: "Own span", from: "From", to: "To", auto: "Automatic",
    ranges: {
      "30min": "Last 30 minutes", lastHour: "Last hour", today: "Today", yesterday: "Yesterday", last24h: "Last 24 hours", "7d": "Last 7 days", "30d": "Last 30 days",
      "3m": "Last 3 months", "6m": "Last 6 months", "12m": "Last 12 months", monthToDate: "Month to date", lastMonth: "Last month", yearToDate: "Year to date",
      lastYear: "Last year", all: "All time",
    },
    intervals: { minute: "Minutes", hour: "Hours", day: "Days", week: "Weeks", month: "Months" },
    per: { minute: "by minute", hour: "by hour", day: "by day", week: "by week", month: "by month" },
    previousMonth: "Earlier month", nextMonth: "Later month",
  },
  filter: {
    traits: "About people", add: "Filter", title: "Add a filter", edit: "Change the filter", dimension: "What to filter by", value: "Value", remove: "Remove filter {{text}}", clear: "Clear all", active: "Active filters",
    event: "Event properties", typeValue: "Type a value", noValues: "No values found", pick: "Choose values", use: "Use “{{value}}”", segment: "Segments", saveSegment: "Save as a segment",
    operators: {
      is: "is", isNot: "is not", contains: "contains", doesNotContain: "does not contain", startsWith: "starts with", endsWith: "ends with", regex: "matches", isNull: "is empty",
      isNotNull: "is not empty", gt: "is more than", gte: "is at least", lt: "is less than", lte: "is at most",
    },
    groups: { page: "Page", source: "Source", place: "Place", device: "Device", event: "Event", person: "Person" },
  },
  dim: {
    name: "Event", path: "Page", origin: "Site", query: "Query", hash: "Hash", title: "Title", referrer: "Referrer", referrer_name: "Source", referrer_type: "Channel",
    utm_source: "UTM source", utm_medium: "UTM medium", utm_campaign: "Campaign", utm_term: "UTM term", utm_content: "UTM content", click_id_name: "Click id", click_id: "Click id's value",
    country: "Country", region: "Region", city: "City", device: "Device", browser: "Browser", browser_version: "Browser version", os: "System", os_version: "System version",
    brand: "Brand", model: "Model", language: "Language", screen: "Screen", sdk: "SDK", sdk_version: "SDK version", device_id: "Device id", profile_id: "Profile", session_id: "Session",
    group: "Group", revenue: "Revenue", currency: "Currency", cohort: "Cohort", segment: "Segment",
  },
  metric: {
    unique_visitors: "Visitors", total_sessions: "Sessions", total_screen_views: "Views", total_events: "Events", views_per_session: "Views per session",
    avg_session_duration: "Visit duration", bounce_rate: "Bounce rate", choose: "Number in the chart", was: "{{value}} before",
  },
  overview: {
    online: "{{value}} online", onlineHint: "Visitors in the last 5 minutes", chart: "{{metric}} over time", pages: "Pages", top: "Top", entry: "Entry", exit: "Exit", sources: "Sources",
    channels: "Channels", referrers: "Referrers", campaigns: "Campaigns", medium: "Medium", source: "Source", term: "Term", content: "Content", countries: "Countries", map: "Map", regions: "Regions",
    cities: "Cities", devices: "Devices", browsers: "Browsers", systems: "Systems", types: "Types", events: "Events", direct: "Direct", visitors: "Visitors", views: "Views", sessions: "Sessions",
    bounce: "Bounce rate", timeOnPage: "Time on page", noCampaigns: "No campaigns in this span", noCampaignsHint: "Visits through links with utm_… parameters are listed here.", count: "Count",
    approximate: "Visitors are counted approximately here", partial: "A part of the data cannot be reached just now: these numbers are too low", conversions: "Events", goals: "Goals", unfinished: "still running",
    mapLabel: "Visitors by country on a map of the world",
  },
  types: { search: "Search", social: "Social", ad: "Ads", email: "E-mail", ai: "AI assistants", other: "Other sites", direct: "Direct", unknown: "Unknown", internal: "Internal" } as Record<string, string>,
  deviceTypes: { desktop: "Desktop", mobile: "Phone", tablet: "Tablet", tv: "TV", console: "Console", server: "Server" } as Record<string, string>,
  home: { title: "Projects", new: "New project", visitors30: "visitors in 30 days", empty: "No project yet", emptyHint: "Make one and send its first event; it takes a minute.", name: "Name", domain: "Domain", timezone: "Time zone", create: "Create the project", online: "{{value}} online", open: "Open {{name}}" },
  waiting: {
    title: "Waiting for the first event", hint: "Put one of these where it runs. This page notices by itself.", arrived: "The first event has arrived", see: "See the numbers", script: "Script", curl: "curl",
    clientHint: "Events are sent with a write client's id. A browser needs no secret once its site is allowed; a server sends the secret too.", demo: "Only looking around? `eventlens demo` makes a project full of lively data.",
  },
  realtime: { title: "Realtime", now: "online now", last30: "Visitors, minute by minute, in the last 30 minutes", pages: "Pages now", countries: "Countries now", stream: "Events as they come", quiet: "Nobody is there right now", quietHint: "The next event appears here by itself." },
  events: { title: "Events", names: "Names", stream: "Stream", last: "Last seen", count: "Count", properties: "Properties", detail: "Event", when: "When", who: "Who", where: "Where", page: "Page", none: "No events in this span", over: "Events over time", empty: "Nothing was sent with it", session: "See the session", profile: "See the person", live: "New ones appear by themselves" },
  funnels: {
    title: "Funnels", steps: "Steps", addStep: "Add a step", step: "Step {{n}}", removeStep: "Remove step {{n}}", up: "Move step {{n}} up", down: "Move step {{n}} down", window: "Time to convert", order: "Order", by: "Count", orders: { ordered: "In this order", strict: "Directly one after the other", any: "In any order" },
    bys: { visitor: "Visitors", session: "Sessions", group: "Groups" }, windows: { "3600": "1 hour", "86400": "1 day", "604800": "7 days", "2592000": "30 days", none: "No limit" }, breakdown: "Split by", noBreakdown: "Not split",
    overall: "Conversion", converted: "{{n}} of {{of}}", dropped: "{{n}} left here", median: "{{time}} on average from the step before", start: "Choose at least two steps", startHint: "A step is an event or a page. The funnel is computed while you build it.", people: "Who are they?", peopleConverted: "Got to step {{n}}", peopleDropped: "Left after step {{n}}",
    anyEvent: "Any event", event: "Event", onPage: "on page", time: "Time to convert", value: "Value", medianAll: "Median {{time}}", convertedTab: "Converted", droppedTab: "Left",
  },
  retention: {
    title: "Retention", period: "Periods", periods: { day: "Days", week: "Weeks", month: "Months" }, mode: "Counts as back", modes: { on: "In that period", on_or_after: "In it or later" }, cohort: "People begin", cohorts: { first: "With the first event in the span", first_ever: "With the first event ever", recurring: "In each period anew" },
    start: "Begins with", return: "Comes back with", any: "Any event", size: "People", average: "Average", cell: "{{date}}: {{n}} of {{size}} ({{rate}}) after {{index}}", people: "People of {{date}}, period {{index}}", who: "Started", unfinished: "This period is not over", heat: "Share that came back, by cohort",
  },
  paths: { title: "Paths", mode: "Steps are", modes: { pages: "Pages", events: "Events" }, start: "Start at", end: "Lead to", anywhere: "Anywhere", depth: "Steps", sessions: "{{n}} sessions", left: "left", diagram: "How sessions go on, step by step", step: "Step {{n}}", explain: "{{n}} sessions, {{left}} end here", startHere: "Start here", table: "As a table", from: "From", to: "To" },
  profiles: { title: "Profiles", search: "Name, e-mail or id", identified: "Identified", anonymous: "Anonymous", lastSeen: "Last seen", firstSeen: "First seen", events: "Events", sessions: "Sessions", revenue: "Revenue", none: "Nobody found", noneHint: "People appear here as soon as their first event arrives.", timeline: "Timeline", about: "About", devices: "Devices", firstTouch: "First came from", lastTouch: "Last came from", properties: "Properties", groups: "Groups", views: "Views", person: "Person", sort: "Sort by", who: "Person", place: "Place", since: "Since" },
  sessions: { title: "Sessions", started: "Started", duration: "Duration", views: "Views", entry: "Entry", exit: "Exit", source: "Source", who: "Person", none: "No sessions in this span", timeline: "What happened", bounce: "Bounce", detail: "Session", replay: "Recording" },
  cohorts: { title: "Cohorts", new: "New cohort", name: "Name", people: "{{n}} people", none: "No cohorts yet", noneHint: "A cohort is a group of people by what they did or are. It filters and splits every report.", did: "did", didNot: "did not", within: "within days", atLeast: "at least", times: "times", rule: "Rule", addRule: "Add a rule", behaviour: "Did an event", trait: "Has a property or place", created: "Created {{when}}", use: "Filter the overview by it", size: "People", confirmDelete: "Delete the cohort “{{name}}”?", days: "days" },
  revenue: { title: "Revenue", amount: "Revenue", orders: "Orders", average: "Average order", payers: "Paying visitors", perVisitor: "Per visitor", refunds: "Refunds", none: "No revenue in this span", noneHint: "Events with a revenue appear here: amount and currency, in any currency.", by: "Revenue by", over: "Revenue over time" },
  reports: { title: "Reports", none: "No saved reports yet", noneHint: "Save a funnel, a retention table or a path where you built it, and it is kept here.", save: "Save as a report", saved: "Saved", name: "Name of the report", open: "Open", updated: "Changed {{when}}", confirmDelete: "Delete the report “{{name}}”?" },
  settings: {
    title: "Settings", general: "General", clients: "Clients", filters: "Kept out", setup: "Set-up", name: "Name", domain: "Domain", timezone: "Time zone", saved: "Saved", unverified: "Take revenue from browsers without a secret", newClient: "New client", type: "Type", types: { write: "write: sends events", read: "read: asks questions", root: "root: may do everything" }, origins: "Sites that may use it without a secret, one per line", rotate: "New secret", revoke: "Revoke", revoked: "revoked", secretOnce: "This secret is shown only now. Keep it.", confirmRevoke: "Revoke “{{name}}” for good? Whatever uses it stops working.", confirmRotate: "Give “{{name}}” a new secret? The old one works for one more hour.",
    exclude: "Keep out of the numbers", kinds: { ip: "IP address or network", path: "Path", event: "Event", profile: "Profile" } as Record<string, string>, value: "Value", note: "Note", noFilters: "Nothing is kept out", noFiltersHint: "Keep your own office, a path or an event out of all numbers from now on.", excluded: "Not counted in the last 30 days", reason: "Reason", count: "Count", id: "Client id", secret: "Secret", generalHint: "Days and weeks of all answers are cut in this time zone.", kind: "What",
  },
  palette: { title: "Go to or do", placeholder: "Type a page or command", empty: "Nothing found", go: "Go to", span: "Span", look: "Appearance" },
};

export type Texts = typeof en;

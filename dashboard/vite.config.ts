import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

// A server that is running already, for `npm run dev`. Credentials of a root client stand in for a session; they are
// known to this development proxy alone and never part of what is built.
const server = process.env["EVENTLENS_URL"] ?? "http://localhost:3002";
const client = process.env["DASHBOARD_DEV_CLIENT"]?.split(":");
const headers = client
  ? { "event-lens-client-id": client[0] ?? "", "event-lens-client-secret": client[1] ?? "" }
  : {};

export default defineConfig({
  // Relative, so that one build works below any sub-path: index.html is served with a <base>.
  base: "./",
  plugins: [react(), tailwindcss()],
  resolve: { alias: { "@": fileURLToPath(new URL("src", import.meta.url)) } },
  build: {
    outDir: "../eventlens/dashboard",
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0, // data: URLs would need holes in the Content-Security-Policy
    modulePreload: { polyfill: false },
    // What was recorded is drawn in a document of its own, with a policy of its own.
    rolldownOptions: { input: { index: "index.html", replay: "replay.html" } },
    license: { fileName: "licenses.md" },
  },
  server: {
    proxy: Object.fromEntries(
      ["/insights", "/manage", "/auth", "/track", "/health"].map((path) => [path, { target: server, headers, ws: true }]),
    ),
  },
});

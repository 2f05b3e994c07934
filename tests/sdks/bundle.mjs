// An example as its bundler makes it: `node bundle.mjs ENTRY SERVER CLIENT_ID` prints one script.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const sdks = fileURLToPath(new URL("../../sdks/", import.meta.url));
const require = createRequire(`${sdks}package.json`);
const { build } = require("esbuild");

/** What Vite's plugin does with a component, as far as the example needs it. */
const vue = {
  name: "vue",
  setup({ onLoad }) {
    onLoad({ filter: /\.vue$/ }, async ({ path }) => {
      const { compileScript, parse } = require("vue/compiler-sfc");
      const { descriptor } = parse(await readFile(path, "utf8"), { filename: path });
      return { contents: compileScript(descriptor, { id: "app", inlineTemplate: true }).content, loader: "ts" };
    });
  },
};

const [entry, server, client] = process.argv.slice(2);
const { outputFiles } = await build({
  entryPoints: [entry],
  bundle: true,
  write: false,
  format: "iife",
  jsx: "automatic",
  nodePaths: [`${sdks}node_modules`],
  plugins: [vue],
  define: {
    "import.meta.env": JSON.stringify({ VITE_EVENTLENS_URL: server, VITE_EVENTLENS_CLIENT_ID: client }),
    "process.env.NODE_ENV": '"production"',
    __VUE_OPTIONS_API__: "false",
    __VUE_PROD_DEVTOOLS__: "false",
    __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: "false",
  },
  tsconfigRaw: {},  // else its paths lead to the sources
  logLevel: "error",
});
process.stdout.write(outputFiles[0].text);

// Builds what is served and what is published.
//   node build.mjs script     the script tag and its chunks, into the Python package
//   node build.mjs packages   the npm packages: ESM and CommonJS, with types and source maps
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { build } from "esbuild";
import { minify } from "terser";

const common = {
  bundle: true,
  target: "es2021",
  logLevel: "warning",
  // What the lite script leaves out is behind a constant.
  logOverride: { "suspicious-logical-operator": "silent" },
  legalComments: "none",
  // The checker finds our packages in their sources; a bundle has to leave them where they are.
  tsconfigRaw: {},
};
const SCRIPTS = new URL("../eventlens/scripts/", import.meta.url).pathname;
const CHUNKS = ["reading", "forms", "vitals", "errors", "replay"];

/** Whose work is in a part: web/THIRD-PARTY.md has the words of their licences. */
const OTHERS = { vitals: "/*! web-vitals, (c) Google LLC, Apache-2.0 */", replay: "/*! rrweb, (c) its contributors and SmartX Inc., MIT */" };

/** One script in the smallest form that there is. */
async function script(entry, define, preamble) {
  const { outputFiles } = await build({
    ...common,
    entryPoints: [entry],
    format: "iife",
    platform: "browser",
    minifySyntax: true,
    write: false,
    define,
  });
  const options = { ecma: 2021, compress: { passes: 3, unsafe_arrows: true, pure_getters: true }, format: { comments: false, preamble } };
  const { code } = await minify(outputFiles[0].text, options);
  return code;
}

async function scripts() {
  const files = {};
  for (const name of CHUNKS) files[`e.${name}.js`] = await script(`web/src/chunks/${name}.ts`, { FULL: "true" }, OTHERS[name]);
  const version = createHash("sha256").update(Object.values(files).join("")).digest("hex").slice(0, 8);
  const define = { VERSION: JSON.stringify(version) };
  files["e.js"] = await script("web/src/script.ts", { ...define, FULL: "true" });
  files["e.lite.js"] = await script("web/src/script.ts", { ...define, FULL: "false" });
  await rm(SCRIPTS, { recursive: true, force: true });
  await mkdir(SCRIPTS, { recursive: true });
  for (const [name, text] of Object.entries(files)) await writeFile(SCRIPTS + name, text.trimEnd());
}

const PACKAGES = ["web", "react", "vue", "nextjs"];
const TYPES = ".cache/types";

async function packages() {
  execFileSync("npx", ["tsc", "-p", ".", "--noEmit", "false", "--emitDeclarationOnly", "--outDir", TYPES], { stdio: "inherit" });
  for (const name of PACKAGES) {
    const { exports } = JSON.parse(await readFile(`${name}/package.json`, "utf8"));
    const entries = Object.keys(exports).filter((key) => key !== "./package.json").map((key) => (key === "." ? "index" : key.slice(2)));
    await rm(`${name}/dist`, { recursive: true, force: true });
    for (const [format, extension] of [["esm", ".js"], ["cjs", ".cjs"]]) {
      await build({
        ...common,
        entryPoints: entries.map((entry) => ({ in: `${name}/src/${entry}.ts`, out: entry })),
        outdir: `${name}/dist`,
        outExtension: { ".js": extension },
        format,
        platform: "neutral",
        packages: "external",
        sourcemap: true,
        define: { FULL: "true" },
        // Next's server components leave it to the browser.
        banner: name === "react" ? { js: '"use client";' } : {},
      });
    }
    await types(name, [...entries, "types"]);
  }
}

/** Types for both kinds of modules: the same texts, whose imports name files of their own kind. */
async function types(name, entries) {
  const folder = `${TYPES}/${name}/src`;
  for (const file of await readdir(folder)) {
    if (!entries.includes(file.replace(".d.ts", ""))) continue;
    const text = await readFile(`${folder}/${file}`, "utf8");
    await writeFile(`${name}/dist/${file}`, text);
    await writeFile(`${name}/dist/${file.replace(/\.ts$/, ".cts")}`, text.replace(/(["'])(\.\/[\w-]+)\.js\1/g, "$1$2.cjs$1"));
  }
}

await { script: scripts, packages }[process.argv[2]]();

// Builds the package: ESM and CommonJS, each with types and source maps.
//   node build.mjs         writes dist
//   node build.mjs check   types and lint; the compiler and the linter are the dashboard's
import { execFileSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";

const tools = createRequire(new URL("../../dashboard/package.json", import.meta.url));
const here = new URL(".", import.meta.url);
const run = (...words) => execFileSync(process.execPath, words, { cwd: here, stdio: "inherit" });
const tsc = tools.resolve("typescript/bin/tsc");

if (process.argv[2] === "check") {
  run(tsc, "-p", ".", "--noEmit");
  run(tools.resolve("eslint/package.json").replace("package.json", "bin/eslint.js"), "--max-warnings", "0", "src");
} else {
  rmSync(new URL("dist", here), { recursive: true, force: true });
  run(tsc, "-p", ".");
  const commonjs = ["--module", "commonjs", "--moduleResolution", "node10", "--verbatimModuleSyntax", "false"];
  run(tsc, "-p", ".", "--outDir", "dist/cjs", ...commonjs);
  writeFileSync(new URL("dist/cjs/package.json", here), '{ "type": "commonjs" }\n');
}

// What is installed here, as a site's or an app's bundler puts it together.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { folder } from './task.mjs';

const here = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));

/** A file of an installed package, such as '@openpanel/web/dist/src/tracker.global.js'. */
export const packaged = (name) => readFile(here(`node_modules/${name}`), 'utf8');

/**
 * One script out of JavaScript text that imports what is installed here, as a site's bundler makes it.
 *
 * `alias` puts stand-ins (files of this folder) in the places of frameworks; `platform` is 'browser' or 'node'.
 */
export async function bundle(code, { alias = {}, platform = 'browser', plugins = [] } = {}) {
  const result = await build({
    stdin: { contents: code, resolveDir: here(''), loader: 'ts' },
    alias: Object.fromEntries(Object.entries(alias).map(([name, file]) => [name, here(file)])),
    bundle: true,
    write: false,
    platform,
    plugins,
    format: platform === 'node' ? 'esm' : 'iife',
    logLevel: 'error',
  });
  return result.outputFiles[0].text;
}

/** The module that a bundle for Node is, with the same options. */
export async function load(code, options) {
  const file = join(folder, 'module.mjs');
  await writeFile(file, await bundle(code, { ...options, platform: 'node' }));
  return import(pathToFileURL(file));
}

// Builds every entry (a file directly in src/) into ../static/build under names that carry a hash of the content,
// and writes manifest.json, from which web/assets.py tells a page what to load.
import { build } from "esbuild";
import { readdir, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

const here = path.dirname(fileURLToPath(import.meta.url));
const source = path.join(here, "src");
const target = path.resolve(here, "../static/build");

const entries = (await readdir(source)).filter((name) => name.endsWith(".ts") && !name.endsWith(".d.ts")).sort();

const result = await build({
  absWorkingDir: here,
  entryPoints: entries.map((name) => path.join("src", name)),
  outdir: target,
  entryNames: "[name]-[hash]",
  chunkNames: "chunks/[name]-[hash]",
  assetNames: "assets/[name]-[hash]",
  bundle: true,
  splitting: true,
  format: "esm",
  target: ["es2022"],
  minify: true,
  sourcemap: true,
  sourcesContent: false,
  metafile: true,
  legalComments: "linked",
  charset: "utf8",
  loader: { ".woff": "file", ".woff2": "file", ".ttf": "file", ".eot": "file", ".svg": "file", ".png": "file" },
  logLevel: "warning",
});

// A warning is a mistake that browsers pass over, such as a brace that a merge has lost: nothing is published.
if (result.warnings.length > 0) throw new Error("the sources need correction: see the warnings above");

const published = (name) => path.relative(target, path.resolve(here, name)).split(path.sep).join("/");

// {"form": {"js": "form-ABC.js", "css": ["form-DEF.css"], "preload": ["chunks/chunk-GHI.js"]}, ...}
const manifest = {};
for (const [name, output] of Object.entries(result.metafile.outputs)) {
  if (!output.entryPoint?.startsWith("src/") || !name.endsWith(".js")) continue;
  manifest[path.basename(output.entryPoint, ".ts")] = {
    js: published(name),
    css: output.cssBundle ? [published(output.cssBundle)] : [],
    preload: output.imports.filter((each) => each.kind === "import-statement").map((each) => published(each.path)),
  };
}

// A server that runs meanwhile sees the old bundle or the new one, never half of it.
const draft = path.join(target, "manifest.json.new");
await writeFile(draft, JSON.stringify(manifest, null, 2) + "\n");
await rename(draft, path.join(target, "manifest.json"));

const kept = new Set([...Object.keys(result.metafile.outputs).map(published), "manifest.json"]);
for (const each of await readdir(target, { recursive: true, withFileTypes: true })) {
  const name = path.relative(target, path.join(each.parentPath, each.name)).split(path.sep).join("/");
  const belongs = kept.has(name) || name.endsWith(".LEGAL.txt") || name.startsWith(".");
  if (each.isFile() && !belongs) await rm(path.join(target, name));
}

// Builds dist: one page, its scripts and styles with names that change with what is in them, each compressed twice.
// The uncompressed form is left out: the master makes it again for the few who want it.
import { build } from "esbuild";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";

// What a browser loads may weigh this much, compressed by gzip.
const most = 300_000;

const here = import.meta.dirname ?? new URL(".", import.meta.url).pathname;
const dist = join(here, "dist");

const result = await build({
  absWorkingDir: here,
  entryPoints: { app: "src/main.tsx", style: "src/style/style.css" },
  outdir: "dist",
  bundle: true,
  splitting: true,
  format: "esm",
  target: ["es2022"],
  jsx: "automatic",
  jsxImportSource: "preact",
  minify: true,
  legalComments: "none",
  entryNames: "[name]-[hash]",
  chunkNames: "[name]-[hash]",
  metafile: true,
  write: false,
  logLevel: "warning",
});

mkdirSync(dist, { recursive: true });
for (const name of readdirSync(dist)) if (name !== ".gitignore") rmSync(join(dist, name), { recursive: true });

let sum = 0;
function put(name, text) {
  const zipped = gzipSync(text, { level: 9 });
  sum += zipped.length;
  writeFileSync(join(dist, name + ".gz"), zipped);
  writeFileSync(join(dist, name + ".br"), brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }));
  console.log(`${name.padEnd(28)} ${String(text.length).padStart(8)} ${String(zipped.length).padStart(8)} gzip`);
}

const names = {};
for (const f of result.outputFiles) {
  const name = basename(f.path);
  names[name.replace(/-[A-Z0-9]{8}\./, ".")] = name;
  put(name, Buffer.from(f.contents));
}
put("icon.svg", readFileSync(join(here, "src/icon.svg")));
put("licenses.txt", Buffer.from(licenses()));
const page = readFileSync(join(here, "src/index.html"), "utf8");
// The browser begins to load all that it needs at once: the parts of the program, and the picture of the cluster.
const app = Object.entries(result.metafile.outputs).find(([path]) => basename(path) === names["app.js"])[1];
const parts = app.imports.filter((i) => i.kind === "import-statement").map((i) => `<link rel="modulepreload" href="assets/${basename(i.path)}">\n`);
put("index.html", Buffer.from(page.replace("{style}", names["style.css"]).replace("{app}", names["app.js"]).replace("{preload}", parts.join(""))));

console.log(`${"all".padEnd(28)} ${"".padStart(8)} ${String(sum).padStart(8)} gzip, of ${most} allowed`);
if (sum > most) {
  console.error(`webui: the bundle has ${sum} bytes compressed, more than ${most}`);
  process.exit(1);
}

// The licenses of what is part of the bundle, which must travel with it.
function licenses() {
  const packages = new Set();
  for (const input of Object.keys(result.metafile.inputs)) {
    const m = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input);
    if (m) packages.add(m[1]);
  }
  return [...packages].sort().map((p) => {
    const dir = join(here, "node_modules", p);
    const about = JSON.parse(readFileSync(join(dir, "package.json"), "utf8"));
    const file = readdirSync(dir).find((n) => /^licen[cs]e/i.test(n));
    return `${p} ${about.version} (${about.license})\n\n${file ? readFileSync(join(dir, file), "utf8") : ""}`;
  }).join("\n" + "-".repeat(72) + "\n\n");
}

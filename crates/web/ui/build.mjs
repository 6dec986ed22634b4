// Builds crates/web/ui/dist: styles, scripts, fonts, icons and manifest.json (plain name -> name with a content hash).
//
// Nothing is fetched here: everything comes from node_modules, which `npm ci` fills from package-lock.json.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build, transform } from "esbuild";
import { withoutUnused } from "./trim-css.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, "dist");
const italia = join(here, "node_modules/bootstrap-italia/dist");
const manifest = {};

/** Writes one asset under its hashed name, with a gzip twin where that is smaller; returns the hashed name. */
function emit(name, content) {
  const bytes = Buffer.from(content);
  const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 12);
  const dot = name.lastIndexOf(".");
  const hashed = `${name.slice(0, dot)}-${hash}${name.slice(dot)}`;
  writeFileSync(join(dist, hashed), bytes);
  const packed = gzipSync(bytes, { level: 9 });
  if (packed.length < bytes.length * 0.9) writeFileSync(join(dist, `${hashed}.gz`), packed);
  manifest[name] = hashed;
  return hashed;
}

/** The fonts that pages use: family, weight, and the file in Bootstrap Italia's distribution (SIL OFL / Apache 2.0). */
const FONTS = [
  ["Titillium Web", 300, "Titillium_Web/titillium-web-v10-latin-ext_latin-300.woff2"],
  ["Titillium Web", 400, "Titillium_Web/titillium-web-v10-latin-ext_latin-regular.woff2"],
  ["Titillium Web", 600, "Titillium_Web/titillium-web-v10-latin-ext_latin-600.woff2"],
  ["Titillium Web", 700, "Titillium_Web/titillium-web-v10-latin-ext_latin-700.woff2"],
  ["Roboto Mono", 400, "Roboto_Mono/roboto-mono-v13-latin-ext_latin-regular.woff2"],
];

/** The library's own loader injects fonts inline, which the content policy forbids: here they are plain rules. */
function fontRules() {
  return FONTS.map(([family, weight, file]) => {
    const name = `${family.toLowerCase().replace(" ", "-")}-${weight}.woff2`;
    const url = emit(name, readFileSync(join(italia, "fonts", file)));
    return `@font-face{font-family:"${family}";font-style:normal;font-weight:${weight};font-display:swap;src:url(${url}) format("woff2")}`;
  }).join("\n");
}

async function styles() {
  const library = readFileSync(join(italia, "css/bootstrap-italia.min.css"), "utf8");
  const own = readFileSync(join(here, "src/console.css"), "utf8");
  const { code } = await transform(withoutUnused(library) + own, { loader: "css", minify: true, legalComments: "none" });
  emit("app.css", code);
  emit("fonts.css", fontRules());
}

async function scripts() {
  const { outputFiles } = await build({
    entryPoints: [join(here, "src/app.js")],
    bundle: true,
    minify: true,
    format: "iife",
    target: ["es2020"],
    legalComments: "none",
    write: false,
  });
  emit("app.js", outputFiles[0].contents);
}

/** Files below a folder of the crate that end in `end`, as text. */
function texts(folder, end) {
  const root = join(here, "..", folder);
  const paths = readdirSync(root, { recursive: true }).filter((path) => path.endsWith(end));
  return paths.map((path) => readFileSync(join(root, path), "utf8"));
}

/** Only the symbols that pages name, so that a page of ten icons does not carry 179. */
function icons() {
  const sprites = readFileSync(join(italia, "svg/sprites.svg"), "utf8");
  const pages = [...texts("templates", ".html"), ...texts("src/view", ".rs")];
  const wanted = new Set(pages.flatMap((text) => text.match(/\bit-[a-z-]+/g) ?? []));
  const symbols = sprites.match(/<symbol[\s\S]*?<\/symbol>/g);
  const kept = symbols.filter((symbol) => wanted.has(/id="([^"]+)"/.exec(symbol)[1]));
  emit("icons.svg", `<svg xmlns="http://www.w3.org/2000/svg">${kept.join("")}</svg>`);
}

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist, { recursive: true });
await styles();
await scripts();
icons();
for (const name of readdirSync(join(here, "brand"))) emit(name, readFileSync(join(here, "brand", name)));
writeFileSync(join(dist, "manifest.json"), JSON.stringify(manifest, null, 1));
console.log(Object.entries(manifest).map(([name, hashed]) => `${name} -> ${hashed}`).join("\n"));

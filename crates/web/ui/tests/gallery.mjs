// Looks at every page of the gallery at two widths: no accessibility violation (axe-core), nothing wider than the screen,
// no word from the content policy, and a screenshot of each.
//
//   cargo run -p baluardo-web --features samples --example gallery -- DIR
//   node tests/gallery.mjs DIR [SHOTS] [NAME]      CHROMIUM=/usr/bin/chromium unless told otherwise
import { createServer } from "node:http";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, extname, join } from "node:path";
import { chromium } from "playwright-core";

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'";
const TYPES = { ".html": "text/html; charset=utf-8", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".woff2": "font/woff2" };
const SIZES = [[1280, 900], [390, 844]];

const [dir, shots, only = ""] = process.argv.slice(2);
if (!dir) {
  console.error("usage: node tests/gallery.mjs DIR [SHOTS] [NAME]");
  process.exit(2);
}
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const names = readFileSync(join(dir, "index.txt"), "utf8").trim().split("\n").filter((name) => name.includes(only));

const server = createServer((request, response) => {
  const path = decodeURIComponent(new URL(request.url, "http://localhost").pathname);
  const file = path.startsWith("/assets/") ? join(dir, "assets", basename(path)) : join(dir, basename(path));
  try {
    const body = readFileSync(file);
    response.writeHead(200, { "Content-Type": TYPES[extname(file)] ?? "text/plain", "Content-Security-Policy": POLICY });
    response.end(body);
  } catch {
    response.writeHead(404).end();
  }
});
await new Promise((done) => server.listen(0, "127.0.0.1", done));
const origin = `http://127.0.0.1:${server.address().port}`;
if (shots) mkdirSync(shots, { recursive: true });

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
const faults = [];
for (const [width, height] of SIZES) {
  const context = await browser.newContext({ viewport: { width, height } });
  const look = async (name) => {
    const page = await context.newPage();
    page.on("console", (message) => {
      if (/Content Security Policy/i.test(message.text())) faults.push(`${name} ${width}: ${message.text()}`);
    });
    page.on("pageerror", (error) => faults.push(`${name} ${width}: ${error.message}`));
    await page.goto(`${origin}/${name}`, { waitUntil: "load" });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    if (wide > 0) faults.push(`${name} ${width}: ${wide} px wider than the screen`);
    if (shots) await page.screenshot({ path: join(shots, `${name.replace(".html", "")}-${width}.png`), fullPage: true });
    // axe comes in from outside the page, as a person's own tools do: the page's policy does not hold it back.
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
    for (const { id, nodes } of violations) faults.push(`${name} ${width}: ${id} ${nodes[0].html} ${nodes[0].failureSummary}`);
    await page.close();
  };
  const left = [...names];
  const worker = async () => {
    for (let name = left.shift(); name; name = left.shift()) await look(name);
  };
  await Promise.all([worker(), worker()]);
  await context.close();
}
await browser.close();
server.close();
console.log(`${names.length} pages at ${SIZES.length} widths: ${faults.length} faults`);
for (const fault of faults) console.log(fault);
process.exitCode = faults.length === 0 ? 0 : 1;

// The eye: opens pages as one person, and notes whatever no page may have: accessibility violations, a word from the
// content policy, a script error, a page wider than the screen.
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const SIZES = [[1280, 900], [390, 844]];
const SHOTS = process.env.BALUARDO_SHOTS;
/** What a criminal would write where a name belongs. Every page must show it, letter by letter, as a name. */
export const HOSTILE = "<svg onload=alert(1)>";

export class Eye {
  faults = [];
  seen = [];
  /** The pages on which the hostile name stood to be read. */
  hostile = [];

  /** A person with a browser of their own. */
  static async of(browser, faults, locale = "it-IT") {
    const eye = new Eye();
    eye.faults = faults;
    eye.context = await browser.newContext({ ignoreHTTPSErrors: true, locale, viewport: { width: 1280, height: 900 } });
    eye.page = await eye.context.newPage();
    const note = (text) => faults.push(`${new URL(eye.page.url()).pathname}: ${text}`);
    eye.page.on("pageerror", (error) => note(error.message));
    eye.page.on("console", (message) => {
      if (/Content Security Policy/i.test(message.text())) note(message.text());
    });
    return eye;
  }

  /** Looks at the open page at both widths. */
  async look(name) {
    // The locale shows a key between these brackets where it has no words for it.
    const unsaid = (await this.page.textContent("body")).match(/⟦[^⟧]*⟧/g);
    if (unsaid) this.faults.push(`${name}: no words for ${unsaid.join(", ")}`);
    await this.#lookForScripts(name);
    for (const [width, height] of SIZES) {
      await this.page.setViewportSize({ width, height });
      const wider = await this.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      if (wider > 0) this.faults.push(`${name} at ${width}: ${wider} px wider than the screen`);
      if (SHOTS) {
        mkdirSync(SHOTS, { recursive: true });
        await this.page.screenshot({ path: join(SHOTS, `${name}-${width}.png`), fullPage: true });
      }
      // axe comes in from outside the page, as a person's own tools do: the page's policy does not hold it back.
      await this.page.evaluate(AXE);
      const { violations } = await this.page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
      for (const { id, nodes } of violations) this.faults.push(`${name} at ${width}: ${id} ${nodes[0].html}`);
    }
    await this.page.setViewportSize({ width: 1280, height: 900 });
    this.seen.push(name);
  }

  /** No text became a part of the page: no handler in any element, no script but those that the console serves. */
  async #lookForScripts(name) {
    const planted = await this.page.evaluate(() =>
      [...document.querySelectorAll("*")]
        .filter((node) => node.localName === "script" ? !node.src.startsWith(location.origin) : [...node.attributes].some((one) => one.name.startsWith("on")))
        .map((node) => node.outerHTML.slice(0, 200)),
    );
    for (const html of planted) this.faults.push(`${name}: planted ${html}`);
    if ((await this.page.innerText("body")).includes(HOSTILE)) this.hostile.push(name);
  }
}

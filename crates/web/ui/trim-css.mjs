// Drops from Bootstrap Italia's style sheet the families of components that no page of the console has.

/** A rule goes when every one of its selectors begins with one of these. */
const UNUSED = /^\s*\.(video-js|vjs-|vjs_|splide|it-carousel|it-video|was-validated|upload|transfer|rating|point-list|it-masonry|analogue-|complementary|triad|acceptoverlay|cookiebar|it-hero|modal|popover|tooltip|toast|offcanvas|toolbar|thumb-nav|chip|avatar|bs-tooltip|bs-popover|bottom-nav|autocomplete|bootstrap-select|it-brand-footer|notification|carousel|accordion|megamenu|it-transfer|dimmer|progress-donut)/;

/** Splits a style sheet (or the body of an at-rule) into its rules, minding strings and nested blocks. */
function rules(css) {
  const found = [];
  let depth = 0;
  let start = 0;
  let quote = "";
  for (let i = 0; i < css.length; i += 1) {
    const c = css[i];
    if (quote) {
      if (c === "\\") i += 1;
      else if (c === quote) quote = "";
    } else if (c === '"' || c === "'") quote = c;
    else if (c === "{") depth += 1;
    else if (c === "}" && (depth -= 1) === 0) {
      found.push(css.slice(start, i + 1));
      start = i + 1;
    }
  }
  return found;
}

/** Splits a selector list at its outer commas. */
function selectors(head) {
  const found = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i < head.length; i += 1) {
    if (head[i] === "(") depth += 1;
    else if (head[i] === ")") depth -= 1;
    else if (head[i] === "," && depth === 0) {
      found.push(head.slice(start, i));
      start = i + 1;
    }
  }
  return [...found, head.slice(start)];
}

/** The style sheet without unused families, without fonts and without source map. */
export function withoutUnused(css) {
  return rules(css.replace(/\/\*[\s\S]*?\*\//g, ""))
    .map((rule) => {
      const brace = rule.indexOf("{");
      const head = rule.slice(0, brace).trim();
      if (head.startsWith("@font-face")) return "";
      if (/^@(media|supports)/.test(head)) {
        const body = withoutUnused(rule.slice(brace + 1, -1));
        return body && `${head}{${body}}`;
      }
      if (head.startsWith("@")) return rule;
      const kept = selectors(head).filter((selector) => !UNUSED.test(selector));
      return kept.length === 0 ? "" : kept.join(",") + rule.slice(brace);
    })
    .join("");
}

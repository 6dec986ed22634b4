// The console's only script. Every page works without it; each island adds comfort to markup that already stands.
import htmx from "htmx.org";
import { start as startComuneSearch } from "./comune-search.js";
import { start as startCopy } from "./copy.js";
import { start as startLive } from "./live.js";
import { start as startPasskey } from "./passkey.js";
import { start as startRelativeTime } from "./relative-time.js";
import { start as startSideNav } from "./side-nav.js";

Object.assign(htmx.config, {
  // The content policy forbids both; without this htmx would try and be refused.
  includeIndicatorStyles: false,
  allowEval: false,
  selfRequestsOnly: true,
  // Pages hold personal data: none of them is left in the browser's storage.
  historyCacheSize: 0,
  refreshOnHistoryMiss: true,
});

// A form that came back says first what is wrong with it; each line leads to its field.
document.getElementById("errors")?.focus();
startComuneSearch();
startCopy();
startLive(htmx);
startPasskey();
startRelativeTime();
startSideNav();

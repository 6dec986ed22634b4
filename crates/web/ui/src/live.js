// Keeps [data-live] blocks fresh: a server-sent event means "something changed", the block is then asked for again.

const EVENTS = "/api/v1/events";
const SETTLE_MS = 250;
const RETRY_MS = 5000;

/** Asks for a block again; waits while a person is working inside it, so that nothing moves under their hands. */
function refresh(htmx, block) {
  if (block.contains(document.activeElement)) {
    block.addEventListener("focusout", () => setTimeout(() => refresh(htmx, block), SETTLE_MS), { once: true });
    return;
  }
  htmx.ajax("GET", location.pathname + location.search, { target: block, swap: "innerHTML" });
}

export function start(htmx) {
  const notice = document.getElementById("connection-lost");
  const blocks = () => document.querySelectorAll("[data-live]");
  if (blocks().length === 0 || !("EventSource" in window)) return;

  let lost = false;
  let timer = 0;
  const refreshAll = () => {
    clearTimeout(timer);
    timer = setTimeout(() => blocks().forEach((block) => refresh(htmx, block)), SETTLE_MS);
  };

  const connect = () => {
    const source = new EventSource(EVENTS);
    source.onopen = () => {
      notice.hidden = true;
      if (lost) refreshAll();
      lost = false;
    };
    source.addEventListener("change", refreshAll);
    source.onerror = () => {
      lost = true;
      notice.hidden = false;
      // The browser tries again by itself unless the server answered with an error.
      if (source.readyState === EventSource.CLOSED) setTimeout(connect, RETRY_MS);
    };
    window.addEventListener("pagehide", () => source.close(), { once: true });
  };
  connect();
}

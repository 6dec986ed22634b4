// Keeps <time data-relative datetime="…"> in step with the clock. The server wrote the first text; the exact time in
// Europe/Rome stays in the title.

const STEPS = [
  ["day", 86400],
  ["hour", 3600],
  ["minute", 60],
];

function words(format, seconds) {
  for (const [unit, size] of STEPS) {
    if (Math.abs(seconds) >= size) return format.format(Math.trunc(seconds / size), unit);
  }
  return format.format(Math.trunc(seconds), "second");
}

export function start() {
  const format = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "always" });
  const present = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "auto" });
  const update = () => {
    for (const time of document.querySelectorAll("time[data-relative]")) {
      const seconds = (Date.parse(time.dateTime) - Date.now()) / 1000;
      time.textContent = Math.abs(seconds) < 60 ? present.format(0, "second") : words(format, seconds);
    }
  };
  setInterval(update, 30000);
}

// On a phone the side navigation is a strip that scrolls: the current page is brought into sight.

export function start() {
  const current = document.querySelector(".side .current");
  const strip = current?.closest("ul");
  if (strip) strip.scrollLeft = current.offsetLeft - (strip.clientWidth - current.offsetWidth) / 2;
}

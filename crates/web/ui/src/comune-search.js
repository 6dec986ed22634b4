// A combobox over the register of comuni (WAI-ARIA "editable combobox with list autocomplete"). Without it the field takes
// the name as written, and the search page beside it finds the comune.

const WAIT_MS = 150;

class ComuneSearch {
  constructor(input) {
    this.input = input;
    this.code = document.getElementById(input.dataset.code);
    this.list = document.getElementById(input.dataset.list);
    this.status = document.getElementById(input.dataset.status);
    this.active = -1;
    this.asked = 0;
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-controls", this.list.id);
    input.setAttribute("aria-expanded", "false");
    input.setAttribute("autocomplete", "off");
    input.addEventListener("input", () => this.typed());
    input.addEventListener("keydown", (event) => this.key(event));
    input.addEventListener("blur", () => setTimeout(() => this.close(), WAIT_MS));
  }

  typed() {
    // What was picked before no longer holds once the text changes.
    this.code.value = "";
    clearTimeout(this.timer);
    const text = this.input.value.trim();
    if (text.length < 2) {
      this.close();
      return;
    }
    this.timer = setTimeout(() => this.ask(text), WAIT_MS);
  }

  async ask(text) {
    const turn = (this.asked += 1);
    const response = await fetch(`${this.input.dataset.comuneSearch}?q=${encodeURIComponent(text)}`, {
      headers: { Accept: "application/json" },
    }).catch(() => null);
    if (turn !== this.asked || !response?.ok) return;
    const { items } = await response.json();
    this.show(items);
  }

  show(items) {
    this.active = -1;
    this.list.replaceChildren(
      ...items.map((item, index) => {
        const option = document.createElement("li");
        option.id = `${this.list.id}-${index}`;
        option.setAttribute("role", "option");
        option.setAttribute("aria-selected", "false");
        option.dataset.code = item.cadastral_code;
        option.dataset.name = item.name;
        option.textContent = `${item.name} (${item.province})`;
        option.addEventListener("mousedown", (event) => {
          event.preventDefault();
          this.pick(option);
        });
        return option;
      }),
    );
    this.list.hidden = items.length === 0;
    this.input.setAttribute("aria-expanded", String(items.length > 0));
    const { none, found } = this.status.dataset;
    this.status.textContent = items.length === 0 ? none : found.replace("{count}", items.length);
  }

  key(event) {
    const options = [...this.list.children];
    if (event.key === "Escape") this.close();
    if (this.list.hidden || options.length === 0) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      this.mark(options, (this.active + step + options.length) % options.length);
    } else if (event.key === "Enter" && this.active >= 0) {
      event.preventDefault();
      this.pick(options[this.active]);
    }
  }

  mark(options, index) {
    this.active = index;
    options.forEach((option, i) => option.setAttribute("aria-selected", String(i === index)));
    this.input.setAttribute("aria-activedescendant", options[index].id);
    options[index].scrollIntoView({ block: "nearest" });
  }

  pick(option) {
    this.input.value = option.dataset.name;
    this.code.value = option.dataset.code;
    this.status.textContent = option.textContent;
    this.close();
  }

  close() {
    this.list.hidden = true;
    this.active = -1;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }
}

export function start() {
  for (const input of document.querySelectorAll("input[data-comune-search]")) new ComuneSearch(input);
}

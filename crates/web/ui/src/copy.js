// Copy buttons: <button data-copy="id of the text" data-copied="Copied">. Hidden until this runs.

export function start() {
  for (const button of document.querySelectorAll("button[data-copy]")) {
    const label = button.querySelector("[data-copy-label]");
    const before = label.textContent;
    button.hidden = false;
    button.addEventListener("click", async () => {
      const source = document.getElementById(button.dataset.copy);
      try {
        await navigator.clipboard.writeText(source.textContent.trim());
        label.textContent = button.dataset.copied;
        setTimeout(() => (label.textContent = before), 3000);
      } catch {
        // No right to the clipboard: the text is selected, so that the keyboard can copy it.
        getSelection().selectAllChildren(source);
      }
    });
  }
}

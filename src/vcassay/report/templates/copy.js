"use strict";
for (const button of document.querySelectorAll("button.copy")) {
  const text = document.getElementById(button.dataset.copies);
  const said = button.parentElement.querySelector("[role=status]");
  button.hidden = false;
  button.addEventListener("click", async () => {
    let done = true;
    try {
      await navigator.clipboard.writeText(text.textContent);
    } catch {
      // Without the right to the clipboard the text is marked, to be copied by hand.
      getSelection().selectAllChildren(text);
      done = false;
    }
    said.textContent = done ? "Copied." : "Marked: copy it with your keyboard.";
  });
}
document.documentElement.dataset.ready = "yes";

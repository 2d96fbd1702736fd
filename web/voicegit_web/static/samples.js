// Keys for the samples page. Each acts on the control that names it (`data-key`); without this file the same controls are clicked.

const elsewhere = (target) => target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

function open(details) {
  details.open = true;
  details.querySelector("textarea")?.focus();
}

for (const details of document.querySelectorAll(".verdicts details")) {
  details.addEventListener("toggle", () => details.open && details.querySelector("textarea")?.focus());
}

document.addEventListener(
  "keydown",
  (event) => {
    const typed = elsewhere(event.target);
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && typed) {
      event.target.form?.requestSubmit(event.target.form.querySelector("button"));
      return;
    }
    if (event.key === "Escape") {
      const opened = event.target.closest?.("details[open]");
      if (opened) {
        opened.open = false;
        opened.querySelector("summary").focus();
      }
      return;
    }
    if (typed || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (event.key === "?") {
      const keys = document.querySelector(".keys-help");
      if (!keys) return;
      keys.open = !keys.open;
      if (keys.open) keys.querySelector("summary").focus();
      event.stopImmediatePropagation(); // Else the page of help is opened.
      return;
    }
    const control = [...document.querySelectorAll("[data-key]")].find((one) => one.dataset.key.split(" ").includes(event.key.toLowerCase()));
    if (!control) return;
    event.preventDefault();
    if (control instanceof HTMLDetailsElement) open(control);
    else control.click();
  },
  true,
);

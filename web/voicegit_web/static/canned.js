// `/` in an empty reply: the canned answers as a list under the keys, filtered by what one types behind it.
import { put } from "./composer.js";

const text = document.getElementById("text");
const link = document.getElementById("canned-open");
const holder = document.getElementById("canned");
const told = document.getElementById("canned-told");
let answers = null;
let list = null;
let at = 0;

async function known() {
  if (answers) return answers;
  const page = await fetch(link.href, { headers: { "HX-Request": "true" } });
  const made = document.createElement("template");
  made.innerHTML = page.ok ? await page.text() : "";
  answers = [...made.content.querySelectorAll("button")].map((one) => ({
    title: one.querySelector("b").textContent,
    gap: one.querySelector(".chip")?.textContent ?? "",
    words: one.value,
  }));
  return answers;
}

function wanted() {
  return text.value.startsWith("/") && !text.value.includes("\n") ? text.value.slice(1).toLowerCase().split(/\s+/).filter(Boolean) : null;
}

async function open() {
  const all = await known();
  const like = wanted() ?? [];
  const fitting = all.filter((one) => like.every((word) => `${one.title} ${one.words}`.toLowerCase().includes(word)));
  close();
  told.textContent = fitting.length ? `${fitting.length} canned answers. Arrow keys choose, Enter takes, Escape closes.` : "No canned answer fits. They are the examples of your directives.";
  if (!fitting.length) {
    const none = document.createElement("p");
    none.className = "hint";
    none.textContent = told.textContent;
    holder.replaceChildren(none);
    return;
  }
  list = document.createElement("ul");
  list.className = "canned";
  list.id = "canned-list";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Canned answers");
  list.append(...fitting.map(option));
  holder.replaceChildren(list);
  text.setAttribute("aria-controls", "canned-list");
  mark(0);
}

function option(one, number) {
  const item = document.createElement("li");
  item.id = `canned-${number}`;
  item.setAttribute("role", "option");
  const title = document.createElement("b");
  title.textContent = one.title;
  const gap = document.createElement("span");
  gap.className = "chip warn";
  gap.textContent = one.gap;
  const words = document.createElement("span");
  words.className = "cut";
  words.textContent = one.words;
  item.append(title, " ", ...(one.gap ? [gap] : []), words);
  item.addEventListener("mousedown", (event) => event.preventDefault());
  item.addEventListener("click", () => take(one));
  item.answer = one;
  return item;
}

function mark(number) {
  const items = [...list.children];
  at = (number + items.length) % items.length;
  items.forEach((item, place) => item.setAttribute("aria-selected", String(place === at)));
  items[at].scrollIntoView({ block: "nearest" });
  text.setAttribute("aria-activedescendant", items[at].id);
}

function close() {
  list = null;
  holder.replaceChildren();
  text.removeAttribute("aria-activedescendant");
  text.removeAttribute("aria-controls");
}

function take(one) {
  close();
  if (wanted() !== null) text.value = "";
  put(one.words);
}

text.setAttribute("aria-autocomplete", "list");
text.addEventListener("input", () => { if (wanted() !== null) open(); else if (holder.childElementCount) close(); });
text.addEventListener("blur", () => setTimeout(() => { if (document.activeElement !== text) close(); }, 200));
text.addEventListener("keydown", (event) => {
  if (!list) return;
  const keys = { ArrowDown: () => mark(at + 1), ArrowUp: () => mark(at - 1), Enter: () => take(list.children[at].answer), Escape: close };
  if (keys[event.key] && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    event.stopPropagation();
    keys[event.key]();
  }
}, { capture: true });
link.addEventListener("click", (event) => {
  event.preventDefault();
  text.focus();
  if (list) close(); else open();
});

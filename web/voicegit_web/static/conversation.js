// A conversation's page: the newest line in sight, the keys, and the record open where there is room for it. Nothing here is needed for anything.
import { typing } from "./typing.js";
import "./composer.js";
import "./canned.js";

const log = document.getElementById("log");
const text = document.getElementById("text");
const box = document.getElementById("box");

if (matchMedia("(min-width: 60rem)").matches) document.querySelector(".record")?.setAttribute("open", "");

// At a desk what was said scrolls by itself.
const exchange = document.querySelector(".exchange");
const scroller = () => (getComputedStyle(exchange).overflowY === "auto" ? exchange : document.documentElement);

function atEnd() {
  const { scrollHeight, clientHeight, scrollTop } = scroller();
  return scrollHeight - clientHeight - scrollTop < 120;
}

function toEnd() {
  scroller().scrollTop = scroller().scrollHeight;
}

// Whoever stands at the end stays at the end, but not while they write: then a bar says that something came.
let stood = true;
addEventListener("scroll", () => { stood = atEnd(); }, { passive: true, capture: true });
new MutationObserver(() => {
  document.getElementById("nothing")?.remove();
  if (stood && !text.value.trim()) toEnd();
}).observe(log, { childList: true });
if (!location.hash && !new URLSearchParams(location.search).has("at")) {
  // Whoever is called reads first why; whoever comes back goes on where it is.
  if (!document.querySelector(".called[open]") || document.querySelector("#box [role=alert]") || scroller() === exchange) toEnd();
  stood = atEnd();
}

const keys = {
  KeyL: () => write("reply"),
  KeyP: () => write("note"),
  KeyE: () => document.querySelector("[data-key=resolve]")?.click(),
  KeyJ: () => go("next"),
  KeyK: () => go("prev"),
};

function write(kind) {
  box.querySelector(`[name=as][value=${kind}]`).click();
  text.focus();
}

function go(rel) {
  const link = document.querySelector(`link[rel=${rel}]`);
  if (link) location.assign(link.href);
}

document.addEventListener("keydown", (event) => {
  if (event.altKey && !event.ctrlKey && !event.metaKey && keys[event.code]) {
    event.preventDefault();
    keys[event.code]();
  } else if (event.key === "Escape") {
    for (const open of document.querySelectorAll(".acts[open], .foot details[open]")) open.removeAttribute("open");
  } else if (event.key === "/" && !typing(event.target) && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    text.focus();
    document.getElementById("canned-open").click();
  }
});

document.addEventListener("click", (event) => {
  for (const open of document.querySelectorAll(".acts[open]")) if (!open.contains(event.target)) open.removeAttribute("open");
});

// Lists of links: j and k (or Alt+J and Alt+K) go from one to the next, Enter opens. When a list is drawn anew the focus stays on its row.

import { typing } from "./typing.js";

const lines = () => [...document.querySelectorAll("[data-rows] a.line")];

document.addEventListener("keydown", (event) => {
  const key = event.code === "KeyJ" ? 1 : event.code === "KeyK" ? -1 : 0;
  if (!key || event.ctrlKey || event.metaKey || event.shiftKey || (!event.altKey && typing(event.target))) return;
  const all = lines();
  if (!all.length) return;
  const at = all.indexOf(document.activeElement);
  all[at < 0 ? (key > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, at + key))].focus();
  event.preventDefault();
});

document.querySelector(".ways [aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });

let last = null;

document.addEventListener("focusin", (event) => {
  last = event.target.closest?.("[data-rows] > li")?.id ?? null;
});

document.addEventListener("htmx:after:swap", () => {
  if (last && document.activeElement === document.body) document.getElementById(last)?.querySelector("a.line")?.focus({ preventScroll: true });
});

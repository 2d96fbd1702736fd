// What is typed is kept: on the server as one types, on the device while there is no network. And nobody answers what they have not read.

const form = document.getElementById("composer");
const text = document.getElementById("text");
const log = document.getElementById("log");
const offline = document.getElementById("offline");
const kept = document.getElementById("kept");
const news = document.getElementById("news");
const place = `voicegit.draft.${form.dataset.place}`;
const PAUSE = 700;

// ---- the height of the text

function grow() {
  if (CSS.supports("field-sizing", "content")) return;
  text.style.height = "auto";
  text.style.height = `${text.scrollHeight + 2}px`;
}

// ---- what is chosen of a reply, once there is one

if (!text.value && document.activeElement !== text) {
  const box = form.closest(".composer");
  box.classList.add("unbegun");
  text.addEventListener("focus", () => box.classList.remove("unbegun"), { once: true });
}

// ---- kept on the server, else on the device

let timer = 0;
let saved = text.value;
let flight = null;

function body() {
  const fields = new URLSearchParams();
  for (const name of ["csrf_token", "key", "seen", "draft", "as"]) fields.set(name, form.elements[name].value);
  fields.set("text", text.value);
  return fields;
}

function remember() {
  try { localStorage.setItem(place, JSON.stringify({ key: form.elements.key.value, text: text.value })); } catch { /* a full or forbidden store: the server has it */ }
}

function forget() {
  try { localStorage.removeItem(place); } catch { /* as above */ }
}

async function save(more = {}) {
  clearTimeout(timer);
  timer = 0;
  const now = text.value;
  flight?.abort();
  flight = new AbortController();
  try {
    const answer = await fetch(form.dataset.draft, { method: "POST", body: body(), signal: flight.signal, headers: { "HX-Request": "true" }, ...more });
    if (!answer.ok) throw new Error(answer.status);
    saved = now;
    if (text.value === now) forget();
    show(false);
  } catch (problem) {
    if (problem.name !== "AbortError") show(true);
  }
}

function show(away) {
  offline.hidden = !(away || !navigator.onLine);
}

text.addEventListener("input", () => {
  grow();
  remember();
  if (timer === 0 && saved === "") save();
  clearTimeout(timer);
  timer = setTimeout(save, PAUSE);
});
text.addEventListener("blur", () => { if (text.value !== saved) save(); });
form.addEventListener("change", (event) => { if (event.target.name === "as" && text.value.trim()) save(); });
addEventListener("pagehide", () => { if (!sending && text.value !== saved) save({ keepalive: true, signal: undefined }); });
addEventListener("offline", () => show(true));
addEventListener("online", () => { show(false); save(); });
show(false);

// What stayed on this device comes back, unless it was sent after all.
async function restore() {
  let left = null;
  try { left = JSON.parse(localStorage.getItem(place)); } catch { /* not ours to read */ }
  if (!left?.text || left.text === text.value) return forget();
  const fields = body();
  fields.set("key", left.key);
  fields.set("text", left.text);
  const answer = await fetch(form.dataset.draft, { method: "POST", body: fields, headers: { "HX-Request": "true" } }).catch(() => null);
  if (answer?.status === 409) return forget();
  if (text.value.trim() && text.value !== left.text) return;
  text.value = left.text;
  grow();
  kept.textContent = "What you had written on this device is here again.";
  if (answer?.ok) { saved = left.text; forget(); }
}
restore();
grow();

// ---- sending

let sending = false;
form.addEventListener("submit", (event) => {
  const draft = event.submitter?.formAction.endsWith("/draft");
  if (!navigator.onLine) {
    event.preventDefault();
    remember();
    show(true);
  } else if (!draft) {
    clearTimeout(timer);
    flight?.abort();
    sending = true;
  }
});
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

text.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    form.requestSubmit(form.querySelector(".send"));
  }
});

// ---- the model's draft into the box, behind what stands there

form.addEventListener("click", (event) => {
  if (!event.target.closest("#draft-use")) return;
  event.preventDefault();
  put(document.getElementById("draft-words").textContent);
  form.elements.draft.value = "used";
  document.getElementById("draft-fold").removeAttribute("open");
});

export function put(words) {
  text.value = text.value.trim() ? `${text.value.trimEnd()}\n\n${words}` : words;
  text.dispatchEvent(new Event("input", { bubbles: true }));
  text.focus();
  const gap = words.search(/\{\s*\w+\s*\}/);
  if (gap >= 0) {
    const begin = text.value.length - words.length + gap;
    text.setSelectionRange(begin, begin + words.slice(gap).match(/\{\s*\w+\s*\}/)[0].length);
  }
}

// ---- what the customer writes meanwhile

const seen = form.elements.seen;
const name = form.querySelector(".send .as-reply").textContent.replace("Send to ", "");

function fresh() {
  return [...log.querySelectorAll("[data-author=customer]")].filter((line) => Number(line.dataset.seq) > Number(seen.value));
}

function tell() {
  const lines = fresh();
  news.hidden = lines.length === 0;
  if (lines.length === 0) return;
  news.querySelector("button").textContent = `▲ ${lines.length} new message${lines.length === 1 ? "" : "s"} from ${name}, read ${lines.length === 1 ? "it" : "them"}`;
}

function read() {
  seen.value = Math.max(Number(seen.value), ...fresh().map((line) => Number(line.dataset.seq)));
  tell();
  if (text.value.trim()) save();
}

// An empty box answers nothing yet: what is on the page counts as read. Once one writes, only going there does: by the bar, or by hand.
let moved = false;
for (const move of ["wheel", "touchmove"]) addEventListener(move, () => { moved = true; }, { passive: true });
new MutationObserver(() => {
  moved = false;
  if (text.value.trim() || document.hidden) tell();
  else read();
}).observe(log, { childList: true });
news.querySelector("button").addEventListener("click", (event) => {
  event.preventDefault();
  const [first] = fresh();
  first?.scrollIntoView({ block: "center" });
  read();
});
addEventListener("scroll", () => {
  if (!moved) return;
  const last = fresh().at(-1)?.getBoundingClientRect();
  if (last && last.top >= 0 && last.bottom <= document.getElementById("box").getBoundingClientRect().top) read();
}, { passive: true, capture: true });

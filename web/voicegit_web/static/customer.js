// The customer's page, live: a message goes without leaving the page, and what comes is shown as it comes. Without this every form still works.

const main = document.querySelector("main[data-place]");
const composer = document.getElementById("composer");
const anew = document.getElementById("anew");
const talk = document.getElementById("talk");
const state = document.getElementById("state");
const refused = document.getElementById("refused");
const send = composer.querySelector("button.main");
const { text, key } = composer.elements;
const place = main.dataset.place;
const embedded = "embedded" in main.dataset;
const kept = `voicegit ${place}`;

let visit = composer.elements.visit.value;
let mayKeep = true;
let begun = "begun" in main.dataset;
let after = Number(main.dataset.after);
let stream = null;

// ---- what is shown

function atTheEnd() {
  return innerHeight + scrollY >= document.documentElement.scrollHeight - 120;
}

function show(told, { loud = true } = {}) {
  const follow = atTheEnd();
  let came = 0;
  for (const message of told.messages) {
    if (document.getElementById(`m-${message.id}`)) continue;
    const before = [...talk.children].findLast((one) => Number(one.dataset.seq) < message.seq);
    // HTML of our own templates, which escape what anybody wrote.
    if (before) before.insertAdjacentHTML("afterend", message.html);
    else talk.insertAdjacentHTML("afterbegin", message.html);
    came += message.ours ? 1 : 0;
  }
  if (state.innerHTML !== told.state) state.innerHTML = told.state;
  after = Math.max(after, told.after);
  if (follow || !loud) scrollTo(0, document.documentElement.scrollHeight);
  if (came && loud) document.dispatchEvent(new CustomEvent("voicegit:came", { detail: came }));
}

function refuse(words) {
  refused.textContent = words;
  refused.hidden = !words;
}

// ---- who is here: in a frame, this browser's own memory keeps the key, where cookies do not reach

function adopt(told) {
  visit = composer.elements.visit.value = anew.elements.visit.value = told.visit;
  mayKeep = told.keep ?? mayKeep;
  if (!embedded) return;
  try {
    if (mayKeep && begun) localStorage.setItem(kept, visit);
    else localStorage.removeItem(kept);
  } catch {
    // Then the conversation lasts as long as this page.
  }
}

function remembered() {
  try {
    return localStorage.getItem(kept);
  } catch {
    return null;
  }
}

function turnTo(told) {
  talk.replaceChildren();
  begun = told.messages.length > 0;
  anew.hidden = !begun;
  after = told.after;
  adopt(told);
  refuse("");
  show(told, { loud: false });
  if (begun) listen();
  else stream?.abort();
}

// ---- asking the service

async function post(to, fields) {
  const answer = await fetch(to, { method: "POST", headers: { Accept: "application/json" }, body: new URLSearchParams(fields) });
  return { ok: answer.ok, told: await answer.json() };
}

async function listen() {
  stream?.abort();
  const mine = (stream = new AbortController());
  while (!mine.signal.aborted) {
    const since = Date.now();
    try {
      const headers = { Accept: "text/event-stream", Visit: visit };
      const answer = await fetch(`${place}/news?after=${after}`, { headers, signal: mine.signal, cache: "no-store" });
      if (answer.status === 404) return;
      if (answer.ok) await read(answer.body.getReader(), mine.signal);
    } catch {
      // Gone for now: it is asked again below, and goes on from where it was.
    }
    // A stream that ended at once had no place left: then asking every few seconds does as well.
    await new Promise((done) => setTimeout(done, Date.now() - since > 5000 ? 500 : 4000));
  }
}

async function read(reader, signal) {
  const decoder = new TextDecoder();
  let waiting = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done || signal.aborted) return;
    waiting += decoder.decode(value, { stream: true });
    const blocks = waiting.split("\n\n");
    waiting = blocks.pop();
    for (const block of blocks) if (block.startsWith("data: ")) show(JSON.parse(block.slice(6)));
  }
}

// ---- what the visitor does

function another() {
  key.value = [...crypto.getRandomValues(new Uint8Array(16))].map((one) => one.toString(16).padStart(2, "0")).join("");
}

composer.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (send.disabled) return;
  send.disabled = true;
  const said = text.value;
  try {
    const { ok, told } = await post(composer.action, [...new FormData(composer), ...(begun ? [["after", after]] : [])]);
    if (told.visit) {
      begun ||= ok;
      adopt(told);
    }
    // With the same key again nothing is sent twice; what was refused is to be sent anew.
    another();
    refuse(ok ? "" : told.detail);
    if (ok) {
      if (text.value === said) text.value = "";
      composer.querySelector(".as")?.remove();
      anew.hidden = false;
      show(told, { loud: false });
      if (stream === null || stream.signal.aborted) listen();
    }
  } catch {
    refuse("Your message could not be sent; the connection seems to be gone. It is kept here: send it again in a moment.");
  }
  send.disabled = false;
  text.focus();
});

text.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || !matchMedia("(pointer: fine)").matches) return;
  event.preventDefault();
  composer.requestSubmit();
});

talk.addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  const { value } = event.submitter;
  try {
    const { ok, told } = await post(form.action, { visit, message: form.elements.message.value, up: value });
    if (!ok) return refuse(told.detail);
    for (const one of form.querySelectorAll("button")) one.setAttribute("aria-pressed", String(one.value === value));
  } catch {
    refuse("That could not be sent; the connection seems to be gone. Try it again in a moment.");
  }
});

if (embedded) {
  anew.addEventListener("submit", async (event) => {
    event.preventDefault();
    const { ok, told } = await post(anew.action, { visit });
    if (ok) turnTo(told);
    text.focus();
  });
}

// ---- in a frame: what was said before, and who the shop says is here (`embedded.js` passes it on)

async function resume() {
  const before = embedded && remembered();
  if (!before) return;
  const answer = await fetch(`${place}/news`, { headers: { Accept: "application/json", Visit: before } });
  if (answer.ok) turnTo(await answer.json());
}

let ready = resume().catch(() => {});
if (begun) {
  scrollTo(0, document.documentElement.scrollHeight);
  listen();
}

document.addEventListener("voicegit:user", (event) => {
  ready = ready.then(() => became(event.detail)).catch(() => {});
});

async function became(user) {
  if (user === null) {
    if (!mayKeep) turnTo((await post(anew.action, {})).told);
    return;
  }
  const fields = { visit, id: String(user.id ?? ""), hash: String(user.hash ?? ""), name: String(user.name ?? ""), email: String(user.email ?? "") };
  const { ok, told } = await post(`${place}/user`, fields);
  if (ok) turnTo(told);
  else document.dispatchEvent(new CustomEvent("voicegit:refused", { detail: told.detail }));
}

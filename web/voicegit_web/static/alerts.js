// Tells the person at this browser that a customer waits: the number in the title, a dot on the icon, and, if asked for, a sound and a notification.
// Many tabs may be open: each call is told by one of them.

const KEEP = 50;
const LATE = 120; // seconds after which a call is no news any more: it stands in the list
const NAMES = { sound: "voicegit.sound", note: "voicegit.note" };

function kept(name) {
  try { return localStorage.getItem(name); } catch { return null; }
}
function keep(name, value) {
  try { localStorage.setItem(name, value); } catch { /* a browser that keeps nothing: this page alone remembers */ }
}
const wants = { sound: kept(NAMES.sound) === "1", note: kept(NAMES.note) === "1" };

// ---- the number, where nobody has to look for it

const title = document.title;
const icon = document.querySelector("link[rel=icon]");
const plain = icon?.getAttribute("href");

function count() {
  const badge = document.getElementById("badge-inbox");
  const waiting = badge && !badge.hidden ? parseInt(badge.textContent, 10) || 0 : 0;
  const words = waiting ? `(${waiting}) ${title}` : title;
  if (document.title !== words) document.title = words;
  const shown = waiting ? icon?.dataset.dot : plain;
  if (shown && icon.getAttribute("href") !== shown) icon.setAttribute("href", shown);
  if (navigator.setAppBadge) (waiting ? navigator.setAppBadge(waiting) : navigator.clearAppBadge()).catch(() => {});
}

const tabs = document.querySelector(".tabs");
if (tabs) new MutationObserver(count).observe(tabs, { childList: true, subtree: true, characterData: true, attributes: true });
count();

// ---- a sound: two soft tones

let audio = null;

function listen() {
  audio ??= new AudioContext();
  if (audio.state === "suspended") audio.resume().catch(() => {});
}

function tone(hertz, at) {
  const wave = new OscillatorNode(audio, { type: "sine", frequency: hertz });
  const volume = new GainNode(audio, { gain: 0 });
  volume.gain.setValueAtTime(0, at);
  volume.gain.linearRampToValueAtTime(0.12, at + 0.03);
  volume.gain.exponentialRampToValueAtTime(0.0001, at + 0.6);
  wave.connect(volume).connect(audio.destination);
  wave.start(at);
  wave.stop(at + 0.65);
}

function ring() {
  listen();
  tone(659.25, audio.currentTime + 0.05);
  tone(880, audio.currentTime + 0.25);
}

// Browsers play nothing before somebody has touched the page.
for (const touch of ["pointerdown", "keydown"]) addEventListener(touch, () => wants.sound && listen(), { once: true, capture: true });

// ---- a notification

const able = () => "Notification" in window && isSecureContext;

// False where the browser has notifications but not for pages, as on phones.
function show(words, body, more = {}) {
  try {
    const shown = new Notification(words, { body, icon: icon?.dataset.dot, ...more });
    shown.onclick = () => {
      focus();
      if (more.data) location.assign(more.data);
      shown.close();
    };
    return true;
  } catch {
    return false;
  }
}

// ---- a call

const told = document.createElement("p");
told.className = "unseen";
told.setAttribute("role", "status");
document.body.append(told);

function unclaimed(what) {
  const before = (kept("voicegit.told") ?? "").split(" ").filter(Boolean);
  if (before.includes(what)) return false;
  keep("voicegit.told", [...before, what].slice(-KEEP).join(" "));
  return true;
}

async function first(what) {
  return navigator.locks ? navigator.locks.request("voicegit.told", () => unclaimed(what)) : unclaimed(what);
}

const audible = () => wants.sound && navigator.userActivation?.hasBeenActive !== false;

document.addEventListener("summon", async (event) => {
  const summon = JSON.parse(event.detail.data);
  told.textContent = `A customer waits for a person. ${summon.reasons[0] ?? ""}`;
  if (summon.seconds > LATE) return;
  if (audible() && (await first(`sound:${summon.id}`))) ring();
  if (wants.note && able() && (await first(`note:${summon.id}`))) {
    show("A customer waits for a person", summon.reasons.join("\n"), { tag: summon.id, data: `/c/${encodeURIComponent(summon.conversation)}` });
  }
});

// ---- the switches

const panel = document.getElementById("tell-me");
const said = document.getElementById("tell-me-said");

function choose(name, on) {
  wants[name] = on;
  keep(NAMES[name], on ? "1" : "0");
}

async function switched(box) {
  said.textContent = "";
  if (box.dataset.alert === "sound") {
    choose("sound", box.checked);
    if (box.checked) ring();
    said.textContent = box.checked ? "That is how it sounds. After a new start the browser may want one click on the page first." : "";
    return;
  }
  if (!box.checked) return choose("note", false);
  let given = able() ? await Notification.requestPermission() : "none";
  if (given === "granted" && !show("This is how it looks", "It says why you are called. The customer's words are not in it.")) given = "none";
  choose("note", given === "granted");
  box.checked = wants.note;
  said.textContent = {
    granted: "A notification says why you are called, and opens the conversation. The customer's words are not in it.",
    denied: "This browser does not allow notifications for this page. Allow them in its settings for this site, then switch this on again.",
    default: "The browser was not told whether it may. Switch it on again and choose “Allow”.",
    none: "This browser shows no notifications for pages here. A message to your phone can be set up instead: see Settings.",
  }[given];
}

if (panel) {
  panel.hidden = false;
  if (!able() || Notification.permission !== "granted") wants.note = false;
  for (const box of panel.querySelectorAll("[data-alert]")) {
    box.checked = wants[box.dataset.alert];
    box.addEventListener("change", () => switched(box));
  }
}

addEventListener("storage", (event) => {
  for (const [name, key] of Object.entries(NAMES)) {
    if (event.key !== key) continue;
    wants[name] = event.newValue === "1";
    const box = panel?.querySelector(`[data-alert=${name}]`);
    if (box) box.checked = wants[name];
  }
});

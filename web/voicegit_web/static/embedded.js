// In another site's page: this frame and the page around it tell each other what happens. Only the site's own origins are heard, and told.

const main = document.querySelector("main[data-origins]");
const origins = main.dataset.origins.split(" ").filter(Boolean);
let shop = null;
let open = true;
let unread = 0;

function tell(what, value) {
  if (shop) parent.postMessage({ voicegit: what, value }, shop);
}

addEventListener("message", (event) => {
  if (event.source !== parent || !origins.includes(event.origin) || typeof event.data?.voicegit !== "string") return;
  shop = event.origin;
  const { voicegit: what, value } = event.data;
  if (what === "user" && (value === null || typeof value === "object")) document.dispatchEvent(new CustomEvent("voicegit:user", { detail: value }));
  if (what !== "open") return;
  open = value === true;
  if (!open) return;
  unread = 0;
  tell("unread", unread);
  document.getElementById("text").focus();
});

document.addEventListener("voicegit:came", (event) => {
  if (open) return;
  unread += event.detail;
  tell("unread", unread);
});

document.addEventListener("voicegit:refused", (event) => tell("refused", event.detail));

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") tell("close");
});

const close = document.createElement("button");
close.type = "button";
close.className = "quiet close";
close.textContent = "Close";
close.addEventListener("click", () => tell("close"));
document.querySelector("header").append(close);

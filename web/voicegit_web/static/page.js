// On every page: waiting times go on counting, `?` shows the keys, and a lost connection is told. Nothing here is needed for anything.
import { typing } from "./typing.js";

const units = [[86400, "day"], [3600, "h"], [60, "min"]];

function lasting(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  for (const [size, word] of units) {
    if (whole >= size) {
      const count = Math.floor(whole / size);
      return `${count} ${word}${word === "day" && count > 1 ? "s" : ""}`;
    }
  }
  return `${whole} s`;
}

function tick() {
  for (const time of document.querySelectorAll("time[data-since]")) {
    const words = lasting((Date.now() - Date.parse(time.dateTime)) / 1000);
    if (time.textContent !== words) time.textContent = words;
  }
}

setInterval(tick, 5000);

// ---- a page that is live says when it is not

const lost = document.createElement("p");
lost.id = "lost";
lost.className = "notice bad";
lost.setAttribute("role", "alert");
lost.textContent = "voicegit does not answer. What you see is as it was; it goes on by itself when it is back.";
let silence = 0;

document.addEventListener("htmx:sse:error", () => {
  silence ||= setTimeout(() => document.getElementById("main").prepend(lost), 5000);
});

for (const back of ["htmx:sse:after:connection", "htmx:sse:after:message"]) {
  document.addEventListener(back, () => {
    clearTimeout(silence);
    silence = 0;
    lost.remove();
  });
}

document.addEventListener("keydown", (event) => {
  if (event.key === "?" && !typing(event.target) && !event.ctrlKey && !event.metaKey && !event.altKey) location.assign("/help#keys");
});

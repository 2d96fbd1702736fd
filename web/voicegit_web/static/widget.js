// A button that opens the chat of the site that this script's address names, in a frame loaded when first opened.
// For signed-in users: window.voicegit.setUser({id, name, email, hash}), and setUser(null) when they leave.
(() => {
  const early = window.voicegit;
  if (early && early.setUser) return;
  const script = document.currentScript;
  const page = script.src.replace(/\/widget\.js.*$/, "");
  const home = new URL(page).origin;
  const words = script.dataset.label || "Chat with us";
  let user = early && early.user;
  let frame;
  let heard = false;

  const make = (kind, more) => Object.assign(document.createElement(kind), more);
  const host = make("div");
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`
    :host { all: initial }
    button { position: fixed; right: 16px; bottom: 16px; z-index: 2147483646; min-width: 44px; min-height: 48px; padding: 0 20px;
      border: 2px solid #fff; border-radius: 24px; background: #2f6f62; color: #fff; font: 600 16px system-ui, sans-serif; cursor: pointer;
      box-shadow: 0 2px 10px #0005 }
    button:focus-visible { outline: 3px solid #111; outline-offset: 2px }
    b { margin-left: 8px; padding: 2px 8px; border-radius: 12px; background: #fff; color: #9b2c1f; font-size: 14px }
    iframe { position: fixed; right: 16px; bottom: 80px; z-index: 2147483647; width: 384px; height: min(640px, 100vh - 96px); border: 0;
      border-radius: 16px; background: Canvas; box-shadow: 0 6px 32px #0006 }
    @media (max-width: 480px), (max-height: 400px) { iframe { inset: 0; width: 100%; height: 100%; border-radius: 0 } }
    [hidden] { display: none }`);
  root.adoptedStyleSheets = [sheet];
  const button = make("button", { type: "button", textContent: words });
  const badge = make("b", { hidden: true });
  button.append(" ", badge);
  button.setAttribute("aria-expanded", "false");
  root.append(button);

  const tell = (what, value) => heard && frame.contentWindow.postMessage({ voicegit: what, value }, home);

  function show(open) {
    if (open && !frame) {
      frame = make("iframe", { title: words, src: page + "?embed=1" });
      frame.addEventListener("load", () => {
        heard = true;
        tell("hello");
        if (user !== undefined) tell("user", user);
        tell("open", !frame.hidden);
      });
      root.append(frame);
    }
    if (frame) frame.hidden = !open;
    button.setAttribute("aria-expanded", String(open));
    tell("open", open);
    if (open) frame.focus();
    else button.focus();
  }

  button.addEventListener("click", () => show(!frame || frame.hidden));
  host.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && frame && !frame.hidden) show(false);
  });

  addEventListener("message", (event) => {
    if (event.origin !== home || !frame || event.source !== frame.contentWindow || !event.data) return;
    const { voicegit: what, value } = event.data;
    if (what === "close") show(false);
    if (what === "unread") {
      badge.textContent = value + " new";
      badge.hidden = !value;
    }
    if (what === "refused") console.warn("voicegit: setUser was refused, the visitor stays anonymous. " + value);
  });

  window.voicegit = {
    setUser(given) {
      user = given;
      tell("user", user);
    },
  };

  const place = () => document.body.append(host);
  if (document.body) place();
  else addEventListener("DOMContentLoaded", place);
})();

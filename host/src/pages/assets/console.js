// Keeps pages up to date. They are complete without it: it loads the parts of a page that have changed, when the stream of news says
// so.
//
// An element with data-live="depths order" and data-src="/path" is filled from that path at news of these names; "order:ID" means
// news of one order.

// The shortest time between two loads of one part.
const PAUSE_MS = 400;

const waiting = new Map();

async function refresh(part) {
  const state = waiting.get(part) ?? { busy: false, again: false };
  waiting.set(part, state);
  if (state.busy) {
    state.again = true;
    return;
  }
  state.busy = true;
  try {
    const answer = await fetch(part.dataset.src, { headers: { accept: "text/html" } });
    if (answer.ok) replace(part, await answer.text());
  } catch {
    // The process may be ending. The stream of news reconnects when it is back.
  }
  setTimeout(() => {
    state.busy = false;
    if (state.again) {
      state.again = false;
      refresh(part);
    }
  }, PAUSE_MS);
}

// A focused link keeps the focus, and a table its scroll position.
function replace(part, html) {
  if (part.innerHTML === html) return;
  const focused = part.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  const scrolled = [...part.querySelectorAll(".scroll")].map((area) => area.scrollLeft);
  part.innerHTML = html;
  part.querySelectorAll(".scroll").forEach((area, index) => (area.scrollLeft = scrolled[index] ?? 0));
  if (focused) part.querySelector(`[href="${CSS.escape(focused)}"]`)?.focus();
}

function announce(...names) {
  for (const part of document.querySelectorAll("[data-live]")) {
    if (part.dataset.live.split(" ").some((name) => names.includes(name))) refresh(part);
  }
}

function all() {
  document.querySelectorAll("[data-live]").forEach(refresh);
}

const connection = document.querySelector("[data-connection]");
// A stream that ends is opened again by the browser; one that is refused, because there are too many, only by us.
const REFUSED_MS = 10_000;

let news;

function listen() {
  news = new EventSource("/console/events");
  news.addEventListener("depths", () => announce("depths"));
  news.addEventListener("build", () => announce("build"));
  news.addEventListener("order", ({ data }) => (data === "*" ? all() : announce("order", `order:${data}`)));
  news.addEventListener("open", () => {
    connection.textContent = "Live";
    connection.classList.add("on");
    // Changes from before it was open.
    all();
  });
  news.addEventListener("error", () => {
    connection.textContent = "Reconnecting";
    connection.classList.remove("on");
    if (news.readyState === EventSource.CLOSED) setTimeout(listen, REFUSED_MS);
  });
}

if (document.querySelector("[data-live]")) {
  listen();
  addEventListener("pagehide", () => news.close());
} else if (connection) {
  connection.remove();
}

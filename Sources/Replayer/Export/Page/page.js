// The page: its head once, its list whenever something is sought or turned over.

const byID = (id) => document.getElementById(id);
const pageLength = 100;
const state = { sought: "", choice: "all", kind: "", page: 0, shown: [] };
const choices = { all: () => true, problems: isProblem, decisions: isDecision, unseen: isUnseen };

// MARK: The head

function drawHead() {
  const target = heading.target ?? "a connection";
  const name = heading.who ? `${heading.who.subject} on ${target}` : `A session on ${target}`;
  document.title = visible(`${name} · Wiretrail`);
  byID("name").textContent = visible(name);
  const lasted = heading.ended ? ` for ${duration((heading.ended - heading.begun) * 1000)}` : "";
  byID("lead").textContent = visible(heading.begun == null ? "" : `${heading.who?.subject ?? "A client"} was connected to `
    + `${target} on ${moment(heading.begun)}${lasted}.`);
  const seal = byID("seal");
  seal.classList.add(heading.verification.result);
  seal.append(make("span", { class: "sign", "aria-hidden": "true" },
    { holds: "✓", altered: "✕" }[heading.verification.result] ?? "!"),
    make("strong", {}, heading.verification.title), make("p", {}, heading.verification.text));
  for (const [title, text, detail] of heading.facts) {
    byID("facts").append(make("div", {}, make("dt", {}, title),
      make("dd", {}, text, detail ? make("small", {}, detail) : null)));
  }
}

/** "It holds 32 events: 3 failed, 1 refused." */
function drawSummary() {
  const outcomes = ["failed", "refused", "cancelled", "unfinished"]
    .map((status) => [status, events.filter((event) => event.outcome.status === status).length])
    .filter(([, number]) => number > 0).map(([status, number]) => `${number.toLocaleString("en")} ${status}`);
  const part = heading.previous || ending.leftOut ? "This page has" : "It has";
  byID("lead").append(` ${part} ${count(events.length, "event")}: ${outcomes.join(", ") || "nothing failed"}.`);
}

/** How much happened when: bars, those with problems in another colour. */
function drawStrip() {
  if (events.length < 2) return;
  const [first, last] = [events[0].at, events.reduce((latest, event) => Math.max(latest, event.at), 0)];
  const bars = Array.from({ length: 120 }, () => [0, 0]);
  for (const event of events) {
    const bar = bars[Math.max(0, Math.min(119, Math.floor((event.at - first) / (last - first || 1) * 120)))];
    bar[0] += 1;
    if (isProblem(event)) bar[1] += 1;
  }
  const most = Math.max(...bars.map(([all]) => all));
  const space = "http://www.w3.org/2000/svg";
  const drawing = document.createElementNS(space, "svg");
  const box = { class: "strip", viewBox: "0 0 1200 50", preserveAspectRatio: "none", role: "img",
    "aria-label": `When it happened: ${count(events.length, "event")} between ${clock(first)} and ${clock(last)}` };
  for (const [key, value] of Object.entries(box)) drawing.setAttribute(key, value);
  const draw = (index, amount, style) => {
    if (amount === 0) return;
    const height = Math.max(3, Math.sqrt(amount / most) * 50);
    const bar = document.createElementNS(space, "rect");
    for (const [key, value] of Object.entries({ x: index * 10 + 1, y: 50 - height, width: 8, height, class: style })) {
      bar.setAttribute(key, value);
    }
    drawing.append(bar);
  };
  bars.forEach(([all, problems], index) => { draw(index, all, ""); draw(index, problems, "bad"); });
  byID("when").append(drawing, make("div", { class: "axis" }, make("span", {}, clock(first)), make("span", {}, clock(last))));
}

/** Decisions and what is not visible, each with the way to its event; long lists are cut. */
function drawNotes(section, chosen) {
  const found = events.filter(chosen);
  byID(section).hidden = found.length === 0;
  const list = byID(section).querySelector("ol");
  for (const event of found.slice(0, 12)) {
    const way = make("a", { href: `#event-${event.number}` }, clock(event.at));
    list.append(make("li", {}, way, make("span", { class: "quiet" }, kindWords(event.kind)),
      make("span", {}, event.outcome.rule ? `${event.title} (${event.outcome.rule})` : event.title)));
  }
  if (found.length > 12) list.append(make("li", { class: "quiet" }, `and ${count(found.length - 12, "more")}`.replace(/s$/, "")));
}

function drawFoot() {
  const state = { closed: "The recording is complete: it ends with the connection.",
    interrupted: "The recording ends where the gateway was interrupted.",
    live: "The recording went on when this page was made.",
    incomplete: "The recording is incomplete: it has no end." }[ending.state];
  byID("foot").append(make("p", {}, `${count(events.length, "event")} on this page. ${state}`));
  if (ending.leftOut) byID("foot").append(make("p", {}, ending.leftOut));
  const part = (name, text) => name ? make("a", { href: name }, text) : null;
  const parts = [part(heading.previous, "Earlier events"), part(ending.next, "Later events")].filter(Boolean);
  if (parts.length > 0) byID("foot").append(make("p", {}, ...parts.flatMap((way) => [way, "  "])));
}

// MARK: The list

function choose() {
  const sought = state.sought;
  state.shown = events.filter((event) => choices[state.choice](event)
    && (!state.kind || event.kind === state.kind) && (!sought || searchText(event).includes(sought)));
  turn(0);
}

function turn(page) {
  const last = Math.max(0, Math.ceil(state.shown.length / pageLength) - 1);
  state.page = Math.max(0, Math.min(page, last));
  const from = state.page * pageLength;
  const shown = state.shown.slice(from, from + pageLength);
  byID("events").replaceChildren(...shown.map((event) => line(event, state.sought)));
  byID("nothing").hidden = shown.length > 0;
  const all = state.shown.length === events.length ? "" : ` of ${events.length.toLocaleString("en")}`;
  byID("count").textContent = `${state.shown.length.toLocaleString("en")}${all} ${events.length === 1 ? "event" : "events"}`;
  for (const pager of document.querySelectorAll(".pager")) {
    pager.hidden = last === 0;
    pager.querySelector(".place").textContent =
      `${(from + 1).toLocaleString("en")} to ${(from + shown.length).toLocaleString("en")}`;
    pager.querySelector(".earlier").disabled = state.page === 0;
    pager.querySelector(".later").disabled = state.page === last;
  }
  if (isUnfolded()) fold(true);
}

const isUnfolded = () => byID("fold").getAttribute("aria-expanded") === "true";
function fold(open) {
  for (const details of byID("events").querySelectorAll("details")) details.open = open;
  byID("fold").setAttribute("aria-expanded", String(open));
  byID("fold").textContent = open ? "Fold all" : "Unfold all";
}

/** Goes to the event that the address names, whatever is sought at the moment. */
function follow() {
  const number = Number(/^#event-(\d+)$/.exec(location.hash)?.[1]);
  if (!number) return;
  let index = state.shown.findIndex((event) => event.number === number);
  if (index < 0) {
    Object.assign(state, { sought: "", choice: "all", kind: "" });
    byID("search").value = "";
    byID("kind").value = "";
    document.querySelector("input[value=all]").checked = true;
    choose();
    index = state.shown.findIndex((event) => event.number === number);
  }
  if (index < 0) return;
  turn(Math.floor(index / pageLength));
  const details = byID(`event-${number}`).querySelector("details");
  details.open = true;
  details.scrollIntoView({ block: "center" });
  details.querySelector("summary").focus({ preventScroll: true });
}

function listen() {
  let waiting;
  byID("search").addEventListener("input", (input) => {
    clearTimeout(waiting);
    waiting = setTimeout(() => { state.sought = input.target.value.trim().toLowerCase(); choose(); }, 120);
  });
  for (const choice of document.querySelectorAll("input[name=choice]")) {
    choice.addEventListener("change", () => { state.choice = choice.value; choose(); });
  }
  byID("kind").addEventListener("change", (change) => { state.kind = change.target.value; choose(); });
  byID("fold").addEventListener("click", () => fold(!isUnfolded()));
  byID("scheme").addEventListener("click", () => {
    const root = document.documentElement;
    const isDark = getComputedStyle(root).colorScheme === "dark"
      || (getComputedStyle(root).colorScheme !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
    root.style.colorScheme = isDark ? "light" : "dark";
  });
  for (const pager of document.querySelectorAll(".pager")) {
    pager.querySelector(".earlier").addEventListener("click", () => { turn(state.page - 1); byID("tools").scrollIntoView(); });
    pager.querySelector(".later").addEventListener("click", () => { turn(state.page + 1); byID("tools").scrollIntoView(); });
  }
  addEventListener("hashchange", follow);
  addEventListener("beforeprint", () => fold(true));
}

function drawKinds() {
  const found = new Map();
  for (const event of events) found.set(event.kind, (found.get(event.kind) ?? 0) + 1);
  for (const [kind, number] of [...found].sort((left, right) => right[1] - left[1])) {
    byID("kind").append(make("option", { value: kind }, `${kindWords(kind)} (${number.toLocaleString("en")})`));
  }
}

drawHead();
readEvents(() => {
  drawSummary();
  drawStrip();
  drawNotes("decisions", isDecision);
  drawNotes("unseen", isUnseen);
  drawKinds();
  drawFoot();
  listen();
  choose();
  follow();
  document.body.setAttribute("aria-busy", "false");
});

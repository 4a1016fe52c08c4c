// Elements. Text becomes text, never markup: nothing here parses HTML.

function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(key, "");
    else if (value !== false && value != null) element.setAttribute(key, value);
  }
  for (const child of children) if (child != null) element.append(typeof child === "string" ? visible(child) : child);
  return element;
}

/** The text with each place of the search marked. */
function marked(text, sought) {
  const shown = visible(text);
  const parts = document.createDocumentFragment();
  const lower = shown.toLowerCase();
  // Where lower case has another length, places cannot be carried over.
  if (!sought || lower.length !== shown.length) { parts.append(shown); return parts; }
  let from = 0;
  for (let at = lower.indexOf(sought); at >= 0; at = lower.indexOf(sought, from)) {
    const found = document.createElement("mark");
    found.textContent = shown.slice(at, at + sought.length);
    parts.append(shown.slice(from, at), found);
    from = at + sought.length;
  }
  parts.append(shown.slice(from));
  return parts;
}

const sqlParts = /(--[^\n]*|\/\*[\s\S]*?\*\/)|('(?:[^']|'')*'|\$\d+|\b\d+(?:\.\d+)?\b)|\b(select|from|where|and|or|not|null|is|in|as|on|join|left|right|inner|outer|full|cross|using|group|by|order|having|limit|offset|insert|into|values|update|set|delete|create|alter|drop|table|index|view|schema|role|database|primary|key|references|default|begin|commit|rollback|savepoint|release|copy|stdin|stdout|to|with|returning|union|all|distinct|case|when|then|else|end|grant|revoke|exists|between|like|ilike|asc|desc|prepare|execute|deallocate|declare|cursor|fetch|close|listen|notify|unlisten|vacuum|analyze|explain|truncate|do|function|language|returns|password|if)\b/gi;

/** SQL with its keywords, literals and comments told apart. */
function sql(text) {
  const shown = visible(text);
  const parts = document.createDocumentFragment();
  let from = 0;
  for (const found of shown.matchAll(sqlParts)) {
    parts.append(shown.slice(from, found.index));
    parts.append(make("span", { class: found[1] ? "remark" : found[2] ? "literal" : "keyword" }, found[0]));
    from = found.index + found[0].length;
  }
  parts.append(shown.slice(from));
  return parts;
}

function table(caption, { columns, rows, total }) {
  const isNumber = columns.map((_, column) =>
    rows.length > 0 && rows.every((row) => row[column] === null || /^-?\d+(\.\d+)?$/.test(valueText(row[column]))));
  const cell = (value, column) => value === null
    ? make("td", { class: "null" }, "NULL")
    : make("td", { class: isNumber[column] ? "number" : null }, valueText(value));
  const left = total > rows.length ? `, the first ${rows.length.toLocaleString("en")} shown` : "";
  const title = `${caption}: ${count(total, "row")}${left}`;
  const head = (name, column) => make("th", { scope: "col", class: isNumber[column] ? "number" : null }, name);
  return make("div", { class: "part" }, make("h3", {}, title),
    make("div", { class: "grid", tabindex: "0", role: "region", "aria-label": title },
      make("table", { "aria-label": title },
        make("thead", {}, make("tr", {}, ...columns.map(head))),
        make("tbody", {}, ...rows.map((row) => make("tr", {}, ...row.map(cell)))))));
}

/** JSON with indentation, where the text is an object or an array; else nothing. */
function indentedJSON(text) {
  if (!/^\s*[[{]/.test(text)) return null;
  try { return JSON.stringify(JSON.parse(text), null, 2); } catch { return null; }
}

/** A value that has a place of its own: a table, a list, a long or structured text. Else nothing: it is short. */
function part(name, value) {
  const title = words(name);
  if (value !== null && typeof value === "object") {
    if ("columns" in value) return table(title, value);
    if ("list" in value && value.list.length > 0) {
      return make("div", { class: "part" }, make("h3", {}, title), make("ol", {}, ...value.list.map((element) =>
        make("li", { class: element === null ? "null" : null }, valueText(element)))));
    }
    return null;
  }
  if (typeof value !== "string") return null;
  const shown = indentedJSON(value) ?? (value.length > 60 || value.includes("\n") ? value : null);
  return shown && make("div", { class: "part" }, make("h3", {}, title), make("pre", { tabindex: "0" }, shown));
}

/** What an event holds: short fields side by side, the others below, the bytes' places last. */
function inside(event) {
  const parts = event.fields.map(([name, value]) => [name, value, part(name, value)]);
  const short = parts.filter(([, , own]) => !own).map(([name, value]) =>
    make("div", {}, make("dt", {}, words(name)), make("dd", { class: value === null ? "null" : null }, valueText(value))));
  const body = [
    short.length > 0 ? make("dl", { class: "fields" }, ...short) : null,
    ...parts.map(([, , own]) => own),
  ];
  const isCall = event.kind.startsWith("mcp.") || event.kind === "jsonrpc.call" || event.kind === "grpc.call";
  return make("div", { class: "inside" },
    ...(isCall ? [make("section", { class: "card" },
      make("h3", {}, make("small", {}, kindWords(event.kind)), event.title), ...body)] : body),
    make("p", { class: "where" }, places(event)));
}

function places(event) {
  const range = (name, bytes) => bytes ? `${name} ${bytes[0].toLocaleString("en")} to ${bytes[1].toLocaleString("en")}` : null;
  return [`event ${event.number}`, event.stream ? `stream ${event.stream}` : null,
    range("client’s bytes", event.request), range("server’s bytes", event.response)].filter(Boolean).join(" · ");
}

/** An event as one line that opens. */
function line(event, sought) {
  const [sign, said] = signs[event.outcome.status];
  const remark = outcomeWords(event.outcome);
  const isCode = event.kind === "postgres.statement" || event.kind === "postgres.copy";
  const firstLine = make("span", { class: isCode ? "title code" : "title" });
  firstLine.append(sought ? marked(event.title, sought) : isCode ? sql(event.title) : visible(event.title));
  const details = make("details", {},
    make("summary", {},
      make("time", { class: "time", datetime: iso(event.at), title: iso(event.at) }, clock(event.at)),
      make("span", { class: "sign", role: "img", "aria-label": isUnseen(event) ? "not visible here" : said || "event" },
        isUnseen(event) ? "▒" : sign),
      make("span", { class: "kind" }, kindWords(event.kind)),
      firstLine,
      make("span", { class: "took" }, event.took ? duration(event.took) : ""),
      remark ? make("span", { class: "said" }, `${said}: ${remark}`) : said && said !== "succeeded" ? make("span", { class: "said" }, said) : null));
  details.addEventListener("toggle", () => {
    if (details.open && !details.querySelector(".inside")) details.append(inside(event));
  });
  const kindClass = isUnseen(event) ? `${event.outcome.status} unseen` : event.outcome.status;
  return make("li", { id: `event-${event.number}`, class: kindClass }, details);
}

"use strict";
// The data of the page: JSON in script elements that the browser does not run.

const jsonIn = (element) => JSON.parse(element.textContent);
const heading = jsonIn(document.getElementById("heading"));
const ending = jsonIn(document.getElementById("ending"));
const events = [];

/** Reads all chunks, some at a time so that the page answers meanwhile; gives back what each one's text takes. */
function readEvents(whenRead) {
  const chunks = [...document.querySelectorAll("script.events")];
  const readSome = () => {
    const until = performance.now() + 30;
    while (chunks.length > 0 && performance.now() < until) {
      const chunk = chunks.shift();
      for (const event of jsonIn(chunk)) events.push(event);
      chunk.remove();
    }
    if (chunks.length > 0) setTimeout(readSome, 0);
    else whenRead();
  };
  readSome();
}

// What an event is, in words.

const kinds = {
  "identity": "Caller known", "gap": "Missing", "opaque": "Not readable", "fault": "Fault",
  "redaction": "Secret hidden", "withheld": "Withheld", "synthesized": "By the gateway", "replaced": "Replaced",
  "refused": "Refused", "question": "Question", "information": "Note", "session": "Session",
  "postgres.login": "Login", "postgres.statement": "Statement", "postgres.copy": "Copy", "postgres.cancel": "Cancel",
  "postgres.function": "Function", "postgres.notification": "Notification", "postgres.notice": "Notice",
  "postgres.setting": "Setting", "postgres.error": "Error", "postgres.logout": "Logout",
  "mcp.tools/call": "Tool call", "mcp.tools/list": "Tools listed", "mcp.initialize": "MCP begins",
  "http.request": "Request", "websocket.message": "Message", "jsonrpc.call": "Call", "grpc.call": "gRPC call",
};
const signs = {
  succeeded: ["✓", "succeeded"], failed: ["✕", "failed"], refused: ["⊘", "refused"],
  cancelled: ["◌", "cancelled"], unfinished: ["…", "unfinished"], none: ["·", ""],
};
const unseenKinds = new Set(["redaction", "gap", "opaque", "fault"]);
const decisionKinds = new Set(["identity", "refused", "question"]);

function kindWords(kind) {
  if (Object.hasOwn(kinds, kind)) return kinds[kind];
  const noun = words(kind.slice(kind.lastIndexOf(".") + 1));
  return noun.charAt(0).toUpperCase() + noun.slice(1);
}
const isUnseen = (event) => unseenKinds.has(event.kind);
const isDecision = (event) => decisionKinds.has(event.kind) || event.outcome.status === "refused";
const isProblem = (event) =>
  ["failed", "refused", "cancelled", "unfinished"].includes(event.outcome.status)
  || ["gap", "fault", "opaque"].includes(event.kind);

/** What the outcome says beside its sign. */
function outcomeWords(outcome) {
  if (outcome.status === "failed") return [outcome.message, outcome.code && `(${outcome.code})`].filter(Boolean).join(" ");
  if (outcome.status === "refused") return outcome.rule;
  return "";
}

/** All that a search looks into, in lower case. */
function searchText(event) {
  event.text ??= [kindWords(event.kind), event.title, signs[event.outcome.status][1], outcomeWords(event.outcome),
    ...event.fields.flatMap(([name, value]) => [words(name), valueText(value)])].join("\n").toLowerCase();
  return event.text;
}

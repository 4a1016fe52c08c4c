// Text and figures as people read them.

/** Controls, bidirectional and invisible characters: a reader might take them for something else. */
const unsafe = /[\0-\x08\x0b-\x1f\x7f-\xa0\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|\udb40[\udc00-\udc7f]/g;

/** The text with such characters written as escapes; line breaks and tabs stay. */
function visible(text) {
  return text.replaceAll("\r\n", "\n").replace(unsafe, (found) => {
    const code = found.codePointAt(0);
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u{${code.toString(16)}}`;
  });
}

/** "applicationName" is the application name, "processID" the process id, "MAX_FRAME_SIZE" the max frame size. */
function words(name) {
  return visible(name).replaceAll("_", " ").replace(/(?<![A-Z ])[A-Z]/g, (letter) => ` ${letter}`).toLowerCase().trim();
}

/** Three significant digits. */
function scaled(value, units) {
  let unit = 0;
  while (unit + 1 < units.length && value >= 1000) { value /= 1000; unit += 1; }
  const digits = unit === 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return `${value.toFixed(digits)} ${units[unit]}`;
}
const duration = (nanoseconds) => {
  if (nanoseconds < 120e9) return scaled(nanoseconds, ["ns", "µs", "ms", "s"]);
  const seconds = Math.round(nanoseconds / 1e9);
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours > 0 ? `${hours} h ${minutes} min` : `${minutes} min ${seconds % 60} s`;
};
const byteCount = (count) => scaled(count, ["bytes", "kB", "MB", "GB", "TB"]);
const count = (number, noun) => `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;

// Times are UTC, and come in microseconds since 1970.

const iso = (microseconds) => new Date(microseconds / 1000).toISOString();
const clock = (microseconds) => iso(microseconds).slice(11, 23);
const day = (microseconds) => new Date(microseconds / 1000)
  .toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
const moment = (microseconds) => `${day(microseconds)} at ${iso(microseconds).slice(11, 19)} UTC`;

/** A value as one text, for a search or a short field. */
function valueText(value) {
  if (value === null) return "NULL";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value !== "object") return String(value);
  if ("bytes" in value) return byteCount(value.bytes);
  if ("nanoseconds" in value) return duration(value.nanoseconds);
  if ("list" in value) return value.list.map(valueText).join(", ");
  return [value.columns, ...value.rows].map((row) => row.map(valueText).join(" ")).join("\n");
}

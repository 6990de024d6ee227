"use strict";
// Tables as CSV (RFC 4180), saved without a network.
const save = (name, type, text) => {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
};
const NUMBER = /^[+\-\u2212]?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?(e[+-]?\d+)?$/i;
// A number is written for machines; any other text that a spreadsheet would run as a formula is quoted.
const plainCell = (value) => {
  if (typeof value === "number") return Number.isFinite(value) ? String(value) : "";
  const text = value ?? "";
  if (NUMBER.test(text)) return text.replaceAll(",", "").replace("\u2212", "-").replace(/^\+/, "");
  return /^[=+\-@\t\r\n\uff0b\uff0d\uff1d\uff20]/.test(text) ? `'${text}` : text;
};
const csvCell = (value) => {
  const text = plainCell(value);
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};
const csv = (rows) => rows.map((row) => `${row.map(csvCell).join(",")}\r\n`).join("");

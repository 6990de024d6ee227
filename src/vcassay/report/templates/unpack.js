"use strict";
// Conditions of this page: columns in deflated bytes (see report/drill/packed.py), unpacked when first asked for.
const half = (bits) => {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const rest = (bits & 1023) / 1024;
  if (exponent === 31) return rest ? NaN : sign * Infinity;
  return sign * (exponent ? 2 ** (exponent - 15) * (1 + rest) : 2 ** -14 * rest);
};
const KINDS = { u1: Uint8Array, u2: Uint16Array, u4: Uint32Array, f2: Uint16Array, f4: Float32Array };
const inflate = async (text) => {
  const raw = atob(text);
  const bytes = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i += 1) bytes[i] = raw.charCodeAt(i);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
};
const unpacked = async (group) => {
  const bytes = await inflate(group.data);
  const columns = new Map();
  const column = (name) => {
    if (!columns.has(name)) {
      const { type, at } = group.columns[name];
      const size = KINDS[type].BYTES_PER_ELEMENT;
      const own = new Uint8Array(group.n * size);
      for (let plane = 0, from = at; plane < size; plane += 1) {
        for (let to = plane; to < own.length; to += size, from += 1) own[to] = bytes[from];
      }
      const values = new KINDS[type](own.buffer);
      const wide = type === "f2" ? new Float32Array(group.n) : values;
      if (type === "f2") for (let i = 0; i < group.n; i += 1) wide[i] = half(values[i]);
      columns.set(name, wide);
    }
    return columns.get(name);
  };
  return {
    n: group.n,
    columns: group.columns,
    has: (name) => name in group.columns,
    column,
    levels: (name) => group.columns[name].levels,
    // A text or number; null where there is none.
    get: (name, i) => {
      if (!(name in group.columns) || i >= group.n) return null;
      const value = column(name)[i];
      const { levels } = group.columns[name];
      if (levels) return levels[value];
      return Number.isNaN(value) ? null : value;
    },
  };
};
const idle = () => new Promise((next) => (window.requestIdleCallback ?? setTimeout)(next));
const stored = document.getElementById("conditions");
let opened;
const conditions = () => {
  opened ??= (async () => {
    const { about, groups } = JSON.parse(stored.textContent);
    const read = await Promise.all(Object.entries(groups).map(async ([name, g]) => [name, await unpacked(g)]));
    const { facts, scores, ...genes } = Object.fromEntries(read);
    const n = facts.n;
    const words = Array.from({ length: n }, (_, i) =>
      ["perturbation", "context", "dose", "time"].map((key) => facts.get(key, i) ?? "").join(" ").toLowerCase());
    return { about, facts, scores, genes: Object.values(genes), n, words };
  })();
  return opened;
};
// Unpacked while nobody waits, a column at a time, so that the first condition opens at once.
const prepare = async () => {
  const { facts, scores, genes } = await conditions();
  for (const table of [facts, scores, ...genes]) {
    for (const name of Object.keys(table.columns)) {
      await idle();
      table.column(name);
    }
  }
};

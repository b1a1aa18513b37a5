// How a numeral was read: its pieces, what was meant, distance, rival, and what the model says.

import { drawing, element } from "./dom.js";
import { figuresOf, SIGNS, valueOf } from "./results.js";
import { nameOf, numberText, words } from "./words.js";

/** @import { Part, Reading } from "./types.d.ts" */

/**
 * @param {Reading} reading
 * @param {string} text The line that it stands in.
 * @param {() => void} close
 */
export function details(reading, text, close) {
  const say = words();
  const how = reading.how ?? "unproven";
  const agrees = how === "near" && reading.answer !== undefined;
  return element(
    "section",
    { id: "details", class: `details ${how}`, "aria-label": `${say.details}: ${figuresOf(reading)}` },
    element(
      "p",
      { class: "verdict" },
      element("b", {}, element("span", { class: "sign", "aria-hidden": "true" }, SIGNS[how]), ` ${say[how]}`),
      " ",
      say[`${how}_means`],
      agrees ? ` ${say.near_agrees}` : null,
    ),
    pieces(reading),
    facts(reading, text),
    scale(reading),
    element("button", { type: "button", class: "close", "aria-label": say.close, click: close }, "×"),
  );
}

/** The words in the order they were read by, each above what it stands for. @param {Reading} reading */
function pieces(reading) {
  const parts = reading.parts ?? [];
  if (parts.length < 2) return null;
  const adds = isSum(parts, reading.value);
  const sign = (/** @type {string} */ text) => element("span", { class: "plus" }, text);
  return element(
    "div",
    { class: "pieces", role: "group", "aria-label": words().read_so },
    ...parts.map((part, index) =>
      element(
        "span",
        { class: "term" },
        adds && part.value !== null && index > 0 ? sign("+") : null,
        element(
          "span",
          { class: part.value === null ? "piece joining" : "piece" },
          element("i", { lang: "nl" }, part.text),
          element("span", {}, part.value ?? "\u00a0"),
        ),
      ),
    ),
    element("span", { class: "term" }, sign("="), element("strong", { class: "sum" }, figuresOf(reading))),
  );
}

/** Tell whether a value is what its pieces add up to. @param {Part[]} parts @param {string | null} value */
function isSum(parts, value) {
  const values = parts.flatMap((part) => part.value ?? []);
  if (value === null || ![...values, value].every((one) => /^\d+$/.test(one))) return false;
  return values.reduce((sum, one) => sum + BigInt(one), 0n) === BigInt(value);
}

/** @param {Reading} reading @param {string} text */
function facts(reading, text) {
  const say = words();
  const { meant, answer, probability, distance, rival, rival_distance: farther } = reading;
  /** @type {[string, (Node | string)[]][]} */
  const rows = [];
  if (reading.text !== text || meant)
    rows.push([say.written, [element("i", { lang: "nl" }, reading.text)]]);
  if (meant) rows.push([say.meant, [element("i", { lang: "nl" }, meant)]]);
  rows.push([say.kind, [nameOf(reading.kind)]]);
  rows.push([say.value, [element("code", {}, valueOf(reading))]]);
  if (distance !== undefined)
    rows.push([say.distance, [`${numberText(distance)} `, element("small", {}, say.distance_means)]]);
  if (rival !== undefined)
    rows.push([say.rival, [farther === undefined ? rival : say.rival_at(rival, numberText(farther))]]);
  else if (distance !== undefined) rows.push([say.rival, [say.no_rival]]);
  if (answer !== undefined) rows.push([say.said, [element("code", {}, answer)]]);
  if (probability !== undefined) rows.push([say.probability, [share(probability)]]);
  return element(
    "dl",
    {},
    ...rows.map(([name, value]) =>
      element("div", {}, element("dt", {}, name), element("dd", {}, ...value)),
    ),
  );
}

/** A probability as a bar and in per cent. @param {number} probability */
export function share(probability) {
  // What is not certain is never rounded up to a hundred.
  const percent = Math.min(probability, probability < 1 ? 0.999 : 1);
  return element(
    "span",
    { class: "share" },
    drawing(
      "svg",
      { viewBox: "0 0 100 6", preserveAspectRatio: "none", "aria-hidden": "true" },
      drawing("rect", { class: "whole", width: 100, height: 6 }),
      drawing("rect", { width: 100 * probability, height: 6 }),
    ),
    numberText(percent, { style: "percent", maximumFractionDigits: 1 }),
  );
}

/** The value and its rival on one line, by their distance from the text. @param {Reading} reading */
function scale(reading) {
  const { value, rival, distance, rival_distance: farther } = reading;
  if (distance === undefined || farther === undefined || !rival) return null;
  const longest = Math.max(farther, 2) * 1.15;
  const at = (/** @type {number} */ where) => 12 + (276 * where) / longest;
  return drawing(
    "svg",
    { class: "scale", viewBox: "0 0 300 46", "aria-hidden": "true" },
    drawing("line", { x1: 12, x2: 288, y1: 14, y2: 14 }),
    drawing("line", { x1: 12, x2: 12, y1: 8, y2: 20 }),
    drawing("circle", { cx: at(distance), cy: 14, r: 6 }),
    drawing("circle", { class: "rival", cx: at(farther), cy: 14, r: 6 }),
    drawing("text", { x: at(distance), y: 38 }, value ?? ""),
    drawing("text", { class: "rival", x: at(farther), y: 38 }, rival),
  );
}

// What the service answers, as the page shows it.

/** @import { How, Reading, Result } from "./types.d.ts" */

/** How a value is known, told without colour. @type {Record<How, string>} */
export const SIGNS = { exact: "=", near: "≈", unproven: "?" };

/** Give the value of a numeral with its unit, as the service writes it. @param {Reading} reading */
export function valueOf(reading) {
  return [reading.value ?? "–", reading.unit].filter(Boolean).join(" ");
}

/** Write the value of a numeral as a Dutch text has it. @param {Reading} reading */
export function figuresOf(reading) {
  return reading.figures ?? valueOf(reading);
}

/** Give the numerals that were read in a line. @param {Result | undefined} result */
export function readingsOf(result) {
  if (!result) return [];
  if ("readings" in result) return result.readings;
  return result.value === null ? [] : [result];
}

/** Give a line with figures. @param {string} text @param {Result | undefined} result */
export function normalised(text, result) {
  if (!result) return text;
  if ("readings" in result) return result.normalised;
  return result.value === null ? text : figuresOf(result);
}

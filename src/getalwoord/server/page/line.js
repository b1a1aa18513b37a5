// One line of the text with its numerals in figures; each opens how it was read.

import { details } from "./details.js";
import { element } from "./dom.js";
import { figuresOf, readingsOf, SIGNS } from "./results.js";
import { nameOf, words } from "./words.js";

/** @import { Reading, Result } from "./types.d.ts" */

const ROOM = 8; // characters, a figure and what is between it and the next, for a gloss

export class Line {
  opened = -1;
  /** @type {HTMLButtonElement[]} */
  chips = [];
  element = element("div", { class: "line" });

  /**
   * @param {string} text
   * @param {Result | undefined} result Nothing while it is not known.
   * @param {boolean} pending Whether the model is still reading it.
   * @param {(line: Line) => void} onopen
   */
  constructor(text, result, pending, onopen) {
    this.text = text;
    this.result = result;
    this.pending = pending;
    this.onopen = onopen;
    this.readings = readingsOf(result);
    this.element.append(element("p", { lang: "nl" }, ...this.#pieces()));
    const note = this.#note();
    if (note) this.element.append(note);
  }

  /** Show how a numeral was read, or no longer. @param {number} index */
  toggle(index) {
    const shows = this.opened !== index;
    this.close();
    if (!shows || !this.chips[index]) return;
    this.onopen(this);
    this.opened = index;
    const close = () => {
      this.close();
      this.chips[index].focus();
    };
    this.element.append(details(this.readings[index], this.text, close));
    this.chips[index].setAttribute("aria-expanded", "true");
    this.chips[index].setAttribute("aria-controls", "details");
  }

  close() {
    if (this.opened < 0) return;
    this.chips[this.opened].setAttribute("aria-expanded", "false");
    this.chips[this.opened].removeAttribute("aria-controls");
    this.element.querySelector("#details")?.remove();
    this.opened = -1;
  }

  /** @returns {(Node | string)[]} */
  #pieces() {
    this.chips = this.readings.map((reading, index) => this.#chip(reading, index));
    if (!this.result) return [this.text];
    if (!("readings" in this.result))
      return this.chips.length ? this.chips : [element("span", { class: "unread" }, this.text)];
    // Offsets count characters, of which some are two units of a string.
    const characters = [...this.text];
    /** @type {(Node | string)[]} */
    const pieces = [];
    let last = 0;
    this.result.readings.forEach((reading, index, all) => {
      pieces.push(characters.slice(last, reading.start).join(""), this.chips[index]);
      last = reading.end;
      const next = all[index + 1]?.start ?? Infinity;
      const roomy = figuresOf(reading).length + next - last > ROOM;
      this.chips[index].classList.add(roomy ? "roomy" : "dense");
    });
    return [...pieces, characters.slice(last).join("")];
  }

  /** @param {Reading} reading @param {number} index */
  #chip(reading, index) {
    const how = reading.how ?? "unproven";
    const toggle = () => this.toggle(index);
    return element(
      "button",
      { type: "button", class: `numeral ${how}`, "aria-expanded": "false", click: toggle },
      element("span", { class: "figure" }, figuresOf(reading)),
      element(
        "span",
        { class: "gloss", lang: document.documentElement.lang },
        element("span", { "aria-hidden": "true" }, `${SIGNS[how]} `),
        element("span", { class: "kind" }, nameOf(reading.kind)),
        element("span", { class: "unseen" }, `, ${words()[how]}`),
      ),
    );
  }

  #note() {
    const lang = document.documentElement.lang;
    if (this.pending) return element("p", { class: "note pending", lang }, words().asking);
    if (!this.result || "readings" in this.result || this.readings.length) return null;
    return element(
      "p",
      { class: "note", lang },
      `${words().unread}: `,
      element("span", { lang: "en" }, this.result.error ?? ""),
    );
  }
}

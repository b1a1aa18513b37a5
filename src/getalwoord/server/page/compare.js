// The tuned model and its untuned base, side by side on the numerals of the text.

import { share } from "./details.js";
import { afterPause, element } from "./dom.js";
import { figuresOf, valueOf } from "./results.js";
import { isAborted, Refused } from "./service.js";
import { words } from "./words.js";

/** @import { Line } from "./line.js" */
/** @import { Service } from "./service.js" */
/** @import { Reading } from "./types.d.ts" */

const MOST = 12; // numerals
const RESTING = 600; // milliseconds

/** @typedef {"adapter" | "base"} Model */
/** @typedef {{ text: string, read: Reading | null, adapter?: Reading, base?: Reading }} Row */

export class Comparison {
  /** @type {Row[]} */
  #rows = [];
  #all = 0;
  #control = new AbortController();
  /** @type {Map<string, Reading>} */
  #known = new Map();
  #later = afterPause(() => this.#ask(), RESTING);

  /**
   * @param {Service} service
   * @param {HTMLInputElement} wanted The switch.
   * @param {HTMLElement} place
   */
  constructor(service, wanted, place) {
    this.service = service;
    this.wanted = wanted;
    this.place = place;
    wanted.addEventListener("change", () => (this.show(), this.#ask()));
  }

  /** Compare the numerals of these lines from now on. @param {Line[]} lines */
  follow(lines) {
    const rows = new Map();
    for (const { text, result, readings } of lines) {
      if (result && !("readings" in result) && !readings.length) rows.set(text, { text, read: null });
      for (const read of readings) rows.set(read.text, { text: read.text, read });
    }
    this.#all = rows.size;
    this.#rows = [...rows.values()].slice(0, MOST);
    this.show();
    this.#later();
  }

  /** Show what is known. */
  show() {
    const say = words();
    this.place.hidden = !this.wanted.checked;
    if (this.place.hidden) return;
    for (const row of this.#rows) {
      row.adapter = this.#known.get(`adapter ${row.text}`);
      row.base = this.#known.get(`base ${row.text}`);
    }
    this.place.replaceChildren(
      ...(this.#rows.length ? [] : [element("p", { class: "empty" }, say.nothing_to_compare)]),
      ...(this.#all > MOST ? [element("p", { class: "note" }, say.first_only(MOST))] : []),
      element("p", { class: "score", role: "status" }, this.#score()),
      element("ul", { class: "compared" }, ...this.#rows.map(rowOf)),
    );
  }

  async #ask() {
    if (!this.wanted.checked) return;
    this.#control.abort();
    this.#control = new AbortController();
    const { signal } = this.#control;
    await Promise.all([this.#askOne("adapter", signal), this.#askOne("base", signal)]);
  }

  /** @param {Model} model @param {AbortSignal} signal */
  async #askOne(model, signal) {
    const texts = this.#rows.map(({ text }) => text).filter((text) => !this.#known.has(`${model} ${text}`));
    if (!texts.length) return;
    try {
      const { results } = await this.service.ask("/v1/read", { texts, method: "model", model }, signal);
      texts.forEach((text, index) => this.#known.set(`${model} ${text}`, results[index]));
    } catch (error) {
      if (isAborted(error) || error instanceof Refused) return;
      throw error;
    }
    this.show();
  }

  #score() {
    const sure = this.#rows.filter(({ read, adapter, base }) => read?.how === "exact" && adapter && base);
    if (!sure.length) return "";
    const right = (/** @type {Model} */ model) =>
      sure.filter(({ read, [model]: said }) => said && isSame(said, /** @type {Reading} */ (read))).length;
    return words().score(sure.length, right("adapter"), right("base"));
  }
}

/** @param {Row} row */
function rowOf({ text, read, adapter, base }) {
  const say = words();
  const differ = adapter && base ? (isSame(adapter, base) ? say.alike : say.unlike) : null;
  return element(
    "li",
    {},
    element(
      "div",
      {},
      element("p", {}, element("i", { lang: "nl" }, text), read ? element("span", { class: "read" }, figuresOf(read)) : null),
      differ ? element("p", { class: "note" }, differ) : null,
    ),
    element(
      "dl",
      {},
      element("div", {}, element("dt", {}, say.tuned), answerOf(adapter, read, base)),
      element("div", {}, element("dt", {}, say.base), answerOf(base, read, adapter)),
    ),
  );
}

/**
 * What a model said, with the characters marked that differ from what was read, or from the other.
 *
 * @param {Reading | undefined} said
 * @param {Reading | null} read
 * @param {Reading | undefined} other
 */
function answerOf(said, read, other) {
  if (!said) return element("dd", { class: "pending" }, "…");
  const against = read ?? other;
  const same = read && isSame(said, read);
  return element(
    "dd",
    {},
    element("span", { class: "said" }, ...marked(valueOf(said), against ? valueOf(against) : valueOf(said))),
    read
      ? element("span", { class: same ? "same" : "other" }, same ? `✓ ${words().same_as_read}` : `✗ ${words().other_than_read}`)
      : null,
    said.probability === undefined ? null : share(said.probability),
  );
}

/** @param {Reading} one @param {Reading} other */
function isSame(one, other) {
  return valueOf(one) === valueOf(other);
}

/**
 * Mark what is in a text and not in another, by their longest common subsequence.
 *
 * @param {string} text
 * @param {string} other
 */
function marked(text, other) {
  const common = Array.from({ length: text.length + 1 }, () => new Array(other.length + 1).fill(0));
  for (let i = text.length - 1; i >= 0; i--)
    for (let j = other.length - 1; j >= 0; j--)
      common[i][j] = text[i] === other[j] ? common[i + 1][j + 1] + 1 : Math.max(common[i + 1][j], common[i][j + 1]);
  /** @type {(Node | string)[]} */
  const pieces = [];
  for (let i = 0, j = 0; i < text.length; i++) {
    while (j < other.length && text[i] !== other[j] && common[i][j + 1] === common[i][j]) j++;
    if (text[i] === other[j]) pieces.push(text[i]), j++;
    else pieces.push(element("mark", {}, text[i]));
  }
  return pieces;
}

// Figures in, words out.

import { afterPause, element } from "./dom.js";
import { isAborted, Refused } from "./service.js";
import { nameOf, words } from "./words.js";

/** @import { Service } from "./service.js" */
/** @import { Spelled } from "./types.d.ts" */

const TYPING = 40; // milliseconds between a key and its request
const UNITS = ["EUR", "USD", "GBP", "JPY", "NLG", "%", "‰"];

export class Spelling {
  #control = new AbortController();
  /** @type {string[]} */
  #kinds = [];

  /**
   * @param {Service} service
   * @param {{ number: HTMLInputElement, kind: HTMLSelectElement, unit: HTMLSelectElement, spelled: HTMLElement }} places
   */
  constructor(service, places) {
    this.service = service;
    this.places = places;
    const later = afterPause(() => this.spell(), TYPING);
    for (const place of [places.number, places.kind, places.unit]) place.addEventListener("input", later);
  }

  /** Offer kinds and units, in the language of the page. @param {string[]} [kinds] */
  offer(kinds = this.#kinds) {
    this.#kinds = kinds;
    const { kind, unit } = this.places;
    const [kindNow, unitNow] = [kind.value, unit.value];
    kind.replaceChildren(option("", words().by_figures), ...kinds.map((name) => option(name, nameOf(name))));
    unit.replaceChildren(option("", words().none), ...UNITS.map((name) => option(name, name)));
    [kind.value, unit.value] = [kindNow, unitNow];
  }

  /** Spell what stands there now. */
  async spell() {
    this.#control.abort();
    this.#control = new AbortController();
    const { number, kind, unit, spelled } = this.places;
    // The Dutch write a comma where the service takes a point.
    const value = number.value.trim().replace(/^([+-]?\d+),(\d+)$/, "$1.$2");
    if (!value) return spelled.replaceChildren();
    const body = { values: [value], kind: kind.value || null, unit: unit.value || null };
    /** @type {Partial<Spelled>} */
    let one;
    try {
      [one] = (await this.service.ask("/v1/spell", body, this.#control.signal)).results;
    } catch (error) {
      if (isAborted(error)) return;
      if (!(error instanceof Refused)) throw error;
      if (this.service.state !== "ok") return;
      one = { error: error.message };
    }
    spelled.replaceChildren(
      one.text
        ? element("span", { class: "spelled", lang: "nl" }, one.text)
        : element("span", { class: "note", lang: "en" }, one.error ?? ""),
    );
  }
}

/** @param {string} value @param {string} name */
function option(value, name) {
  return element("option", { value }, name);
}

// The text, read as it is typed: by the grammar at once, by the model after a pause.

import { afterPause, element } from "./dom.js";
import { Line } from "./line.js";
import { normalised, readingsOf, SIGNS } from "./results.js";
import { isAborted, Refused } from "./service.js";
import { numberText, words } from "./words.js";

/** @import { Service } from "./service.js" */
/** @import { How, Result, Style } from "./types.d.ts" */

const TYPING = 40; // milliseconds between a key and its request
const RESTING = 200; // milliseconds without a key, before the model is asked
const QUIET = 1500; // milliseconds without a change, before it is told aloud
const REMEMBERED = 5000; // lines

/**
 * The text as lines of figures. It says "shown" when they have changed. Where the grammar reads
 * something exactly no model is asked.
 */
export class LiveReading extends EventTarget {
  hasModel = false;
  atOnce = 100; // texts in one request
  /** @type {Line[]} */
  lines = [];
  // Answers are kept by the text that they are of, so one that comes late can stand in no wrong place.
  /** @type {Map<string, { result: Result, settled: boolean }>} */
  #known = new Map();
  #request = new AbortController();
  #asked = { texts: "", control: new AbortController() };

  /**
   * @param {Service} service
   * @param {{ text: HTMLTextAreaElement, figures: HTMLElement, status: HTMLElement }} places
   * @param {() => Style} style
   */
  constructor(service, places, style) {
    super();
    this.service = service;
    this.places = places;
    this.style = style;
    this.#askModel = afterPause(() => this.#readByModel(), RESTING);
    this.#tell = afterPause(() => this.#tellAloud(), QUIET);
    const read = afterPause(() => this.read(), TYPING);
    places.text.addEventListener("input", () => {
      this.#tellWhetherBusy();
      read();
    });
  }

  #askModel = () => {};
  #tell = () => {};

  /** Read what stands in the text now. */
  async read() {
    this.#request.abort();
    this.#request = new AbortController();
    const texts = this.#texts().filter((text) => !this.#known.has(this.#key(text)));
    if (!(await this.#ask(texts, "grammar", this.#request.signal))) return;
    this.#show();
    this.#askModel();
  }

  /** Show the lines anew, in another language or style. */
  redraw() {
    this.lines = [];
    this.#show();
  }

  /** Close what is open, and tell whether anything was. */
  close() {
    const line = this.lines.find(({ opened }) => opened >= 0);
    const chip = line?.chips[line.opened];
    const inside = line?.element.querySelector("#details")?.contains(document.activeElement);
    line?.close();
    if (inside) chip?.focus();
  }

  /** Give the whole text in figures. */
  inFigures() {
    return this.lines.map(({ text, result }) => normalised(text, result)).join("\n");
  }

  async #readByModel() {
    if (!this.hasModel) return;
    const open = this.#texts().filter((text) => this.#isOpen(text));
    if (open.join("\n") === this.#asked.texts) return;
    this.#asked.control.abort();
    const asked = { texts: open.join("\n"), control: new AbortController() };
    this.#asked = asked;
    this.#show();
    await this.#ask(open, "auto", asked.control.signal);
    if (this.#asked !== asked) return;
    this.#asked = { texts: "", control: new AbortController() };
    this.#show();
  }

  /** Tell whether the figures of a text may still change. @param {string} text */
  #isOpen(text) {
    const known = this.#known.get(this.#key(text));
    return !known || (this.hasModel && !known.settled);
  }

  #tellWhetherBusy() {
    const isShown = this.lines.map(({ text }) => text).join("\n") === this.places.text.value;
    const isBusy = !isShown || this.#texts().some((text) => this.#isOpen(text));
    this.places.figures.setAttribute("aria-busy", String(isBusy));
  }

  /**
   * Ask for what texts are and remember it; tell whether it was answered.
   *
   * @param {string[]} texts
   * @param {"grammar" | "auto"} method
   * @param {AbortSignal} signal
   */
  async #ask(texts, method, signal) {
    const style = this.style();
    const keys = texts.map((text) => this.#key(text));
    if (this.#known.size > REMEMBERED) this.#known.clear();
    try {
      for (let start = 0; start < texts.length; start += this.atOnce) {
        const some = texts.slice(start, start + this.atOnce);
        const body = { texts: some, method, style, explain: true };
        /** @type {{ results: Result[] }} */
        const { results } = await this.service.ask("/v1/read", body, signal);
        results.forEach((result, index) => {
          const settled = method === "auto" || readingsOf(result).some(({ how }) => how === "exact");
          this.#known.set(keys[start + index], { result, settled });
        });
      }
      return true;
    } catch (error) {
      if (isAborted(error)) return false;
      if (!(error instanceof Refused)) throw error;
      if (this.service.state === "ok") this.#complain(error.message);
      return false;
    }
  }

  #texts() {
    return [...new Set(this.places.text.value.split("\n"))].filter((text) => text.trim());
  }

  /** @param {string} text */
  #key(text) {
    return JSON.stringify([this.style(), text]);
  }

  #show() {
    const former = this.lines;
    const focused = former.find(({ element }) => element.contains(document.activeElement));
    const index = focused?.chips.findIndex((chip) => chip === document.activeElement) ?? -1;
    const asked = new Set(this.#asked.texts.split("\n"));
    this.lines = this.places.text.value.split("\n").map((text) => {
      const result = this.#known.get(this.#key(text))?.result;
      const pending = asked.has(text) && !!result && !("readings" in result);
      const place = former.findIndex((line) => line.text === text);
      const [same] = place < 0 ? [] : former.splice(place, 1);
      if (same && same.result === result && same.pending === pending) return same;
      const line = new Line(text, result, pending, () => this.lines.forEach((one) => one.close()));
      if (same && same.opened >= 0) line.toggle(same.opened);
      return line;
    });
    const isEmpty = !this.places.text.value.trim();
    this.places.figures.replaceChildren(
      ...(isEmpty ? [element("p", { class: "empty" }, words().empty)] : this.lines.map((line) => line.element)),
    );
    if (focused) this.lines.find(({ text }) => text === focused.text)?.chips[index]?.focus();
    this.#tellWhetherBusy();
    this.dispatchEvent(new Event("shown"));
    this.#tell();
  }

  /** @param {string} message */
  #complain(message) {
    this.lines = [];
    this.places.figures.setAttribute("aria-busy", "false");
    this.places.figures.replaceChildren(element("p", { class: "note", role: "alert", lang: "en" }, message));
  }

  #tellAloud() {
    const hows = this.lines.flatMap(({ result }) => readingsOf(result)).map(({ how }) => how);
    const each = /** @type {How[]} */ (Object.keys(SIGNS))
      .map((how) => [hows.filter((one) => one === how).length, words()[how]])
      .filter(([count]) => count);
    const said = each.map(([count, how]) => `${numberText(Number(count))} ${how}`).join(", ");
    this.places.status.textContent = words().found(hows.length, said);
  }
}

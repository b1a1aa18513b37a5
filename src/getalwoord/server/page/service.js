// Requests to the service, and what to do when it does not answer.

const SLOWEST = 8; // seconds between two tries
const TRIED_AGAIN = new Set([429, 502, 503, 504]);

/** The service refused a request, or did not answer. */
export class Refused extends Error {}

/**
 * The service. It says "state" when it answers or no longer does ("ok", "down", "busy", "key"),
 * tries again by itself, and says "back" when what was refused may be asked again.
 */
export class Service extends EventTarget {
  state = "ok";
  key = "";
  #tries = 0;
  #timer = 0;

  constructor() {
    super();
    addEventListener("online", () => this.state === "down" && this.#again());
  }

  /**
   * Ask, and give the JSON that is answered.
   *
   * @param {string} path
   * @param {unknown} [body] None to get, not to post.
   * @param {AbortSignal} [signal]
   * @returns {Promise<any>}
   * @throws {Refused} With what the service says of the request.
   * @throws {DOMException} An AbortError, when the signal says so.
   */
  async ask(path, body, signal) {
    /** @type {Record<string, string>} */
    const headers = body === undefined ? {} : { "Content-Type": "application/json" };
    if (this.key) headers.Authorization = `Bearer ${this.key}`;
    const method = body === undefined ? "GET" : "POST";
    let response;
    let answer;
    try {
      response = await fetch(path, { method, headers, body: JSON.stringify(body), signal });
      answer = await response.json();
    } catch (error) {
      if (signal?.aborted) throw error;
      if (!response || response.ok) {
        this.#fail("down", 0);
        throw new Refused("no answer");
      }
    }
    if (response.ok) {
      if (body !== undefined) this.#tries = 0;
      this.#become("ok");
      return answer;
    }
    if (response.status === 401) this.#become("key");
    else if (TRIED_AGAIN.has(response.status))
      this.#fail(response.status === 502 ? "down" : "busy", Number(response.headers.get("Retry-After")));
    throw new Refused(answer?.error?.message ?? `${response.status} ${response.statusText}`);
  }

  /** Use a key from now on, and ask again. @param {string} key */
  unlock(key) {
    this.key = key;
    this.#again();
  }

  /**
   * @param {string} state
   * @param {number} seconds That the service asks for; 0 if it does not say.
   */
  #fail(state, seconds) {
    const wait = Math.max(seconds || 0, Math.min(SLOWEST, 0.5 * 2 ** this.#tries++));
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#again(), wait * 1000);
    this.#become(state);
  }

  async #again() {
    clearTimeout(this.#timer);
    try {
      await this.ask("/v1/info");
      this.dispatchEvent(new Event("back"));
    } catch {
      // It will be tried again, or a key is asked for.
    }
  }

  /** @param {string} state */
  #become(state) {
    if (state === this.state && state !== "key") return;
    this.state = state;
    this.dispatchEvent(new Event("state"));
  }
}

/** Tell whether an error means that nobody waits for the answer. @param {unknown} error */
export function isAborted(error) {
  return error instanceof DOMException && error.name === "AbortError";
}

// Elements are made by the DOM's own methods: no text is ever parsed as HTML.

/** @typedef {string | number | boolean | null | undefined | ((event: any) => void)} Setting */

/**
 * Make an element. Functions become listeners; false and null leave an attribute out.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, Setting>} [settings]
 * @param {...(Node | string | null)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function element(tag, settings = {}, ...children) {
  return furnish(document.createElement(tag), settings, children);
}

/**
 * Make an element of SVG.
 *
 * @param {string} tag
 * @param {Record<string, Setting>} [settings]
 * @param {...(Node | string | null)} children
 */
export function drawing(tag, settings = {}, ...children) {
  return furnish(document.createElementNS("http://www.w3.org/2000/svg", tag), settings, children);
}

/**
 * @template {Element} Made
 * @param {Made} made
 * @param {Record<string, Setting>} settings
 * @param {(Node | string | null)[]} children
 */
function furnish(made, settings, children) {
  for (const [name, value] of Object.entries(settings)) {
    if (typeof value === "function") made.addEventListener(name, value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value != null) made.setAttribute(name, String(value));
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

/**
 * Give an element of the page by its id.
 *
 * @template {HTMLElement} Kind
 * @param {string} id
 * @param {new () => Kind} kind
 * @returns {Kind}
 */
export function byId(id, kind) {
  const found = document.getElementById(id);
  if (found instanceof kind) return found;
  throw new TypeError(`the page has no ${kind.name} "${id}"`);
}

/**
 * Make a function that waits until it is no longer called, and then runs once.
 *
 * @param {() => void} run
 * @param {number} milliseconds
 */
export function afterPause(run, milliseconds) {
  let timer = 0;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(run, milliseconds);
  };
}

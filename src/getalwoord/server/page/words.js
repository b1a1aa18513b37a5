// What the page says, in Dutch and in English.

const nl = {
  tagline: "Leest Nederlandse getallen in woorden, en zegt hoe zeker elk cijfer is.",
  skip: "Naar de tekst",
  languages: "Taal van deze pagina",
  words: "In woorden",
  hint: "Typ of plak Nederlands. Elke regel is een tekst op zich.",
  figures: "In cijfers",
  empty: "Typ iets, of kies een voorbeeld.",
  examples: "Voorbeelden",
  copy: "Kopieer",
  copied: "Gekopieerd",
  style: "Schrijfwijze",
  currency: "Valuta",
  symbol: "teken: € 5",
  code: "code: EUR 5",
  clock: "Klok",
  clock24: "16.30 uur",
  clock12: "4.30 uur ’s middags",
  words_to: "Getallen tot en met dit blijven woorden",
  keep_ordinals: "Rangtelwoorden blijven woorden",
  ambiguous: "Ook twijfelgevallen: een, een paar, dubbel",
  exact: "exact",
  near: "bijna",
  unproven: "onbewezen",
  exact_means: "De grammatica leest deze woorden zoals ze er staan. Er is geen model bij nodig.",
  near_means: "Verkeerd gespeld, maar dicht bij deze waarde en duidelijk verder van elke andere.",
  near_agrees: "Het model zegt hetzelfde.",
  unproven_means: "Dit zeggen het model of de woorden die er het dichtst bij liggen. Bewezen is het niet.",
  unread: "geen getal gelezen",
  asking: "het model leest …",
  details: "Hoe dit gelezen is",
  close: "Sluiten",
  read_so: "Zo gelezen",
  kind: "Soort",
  value: "Waarde",
  written: "Geschreven",
  meant: "Bedoeld",
  distance: "Afstand",
  distance_means: "wat de spelfouten samen kosten",
  rival: "Eerstvolgende andere waarde",
  /** @param {string} value @param {string} distance */
  rival_at: (value, distance) => `${value}, op afstand ${distance}`,
  no_rival: "geen in de buurt",
  said: "Het model zegt",
  probability: "Kans volgens het model",
  /** @param {number} all @param {string} each */
  found: (all, each) => (all ? `${all} ${all === 1 ? "getal" : "getallen"} gevonden: ${each}` : "Geen getallen gevonden"),
  tuned_title: "Wat fine-tunen leert",
  tuned_lead: "Hetzelfde Gemma-model leest elk getal hierboven tweemaal, zonder hulp van de grammatica: met de adapter die getalwoord trainde, en zonder.",
  tuned_switch: "Zet beide naast elkaar",
  tuned_absent: "Deze server leest met de grammatica alleen. Met een adapter staan hier het getrainde model en zijn basis naast elkaar:",
  tuned: "met fine-tunen",
  base: "zonder",
  same_as_read: "zoals gelezen",
  other_than_read: "anders dan gelezen",
  alike: "Beide zeggen hetzelfde.",
  unlike: "Ze zeggen iets anders.",
  /** @param {number} all @param {number} tuned @param {number} base */
  score: (all, tuned, base) => `Zoals de grammatica leest: met fine-tunen ${tuned} van ${all}, zonder ${base} van ${all}.`,
  /** @param {number} most */
  first_only: (most) => `De eerste ${most} getallen worden vergeleken.`,
  nothing_to_compare: "Er staat hierboven nog niets om te vergelijken.",
  spell_title: "Andersom: van cijfers naar woorden",
  number: "Getal, tijd of datum",
  spell_hint: "1500 · -6 · 2,5 · 2/3 · 16:30 · 1945-05-03",
  spell_kind: "Soort",
  spell_unit: "Eenheid",
  by_figures: "vanzelf",
  none: "geen",
  spelled: "In woorden",
  down: "De server antwoordt niet. De pagina probeert het vanzelf opnieuw.",
  busy: "De server heeft het druk. De pagina vraagt het zo opnieuw.",
  needs_key: "Deze server vraagt een sleutel.",
  key: "API-sleutel",
  use_key: "Gebruik",
  wrong_key: "Deze sleutel past niet.",
  grammar_alone: "grammatica alleen",
  /** @param {string} version @param {string} model */
  about: (version, model) => `getalwoord ${version} · ${model}`,
  private: "Wat je typt gaat alleen naar deze server, en wordt niet bewaard.",
  kinds: {
    cardinal: "getal",
    negative: "negatief",
    decimal: "kommagetal",
    ordinal: "rangtelwoord",
    fraction: "breuk",
    percentage: "procent",
    money: "bedrag",
    year: "jaar",
    time: "tijd",
    date: "datum",
    multiplier: "maal",
    digits: "cijfers",
    misspelt: "spelfouten",
    sentence: "zin",
    doubtful: "twijfel",
    deed: "akte",
  },
};

/** @typedef {typeof nl} Words */

/** @type {Words} */
const en = {
  tagline: "Reads Dutch numbers in words, and says how sure each figure is.",
  skip: "To the text",
  languages: "Language of this page",
  words: "In words",
  hint: "Type or paste Dutch. Each line is a text of its own.",
  figures: "In figures",
  empty: "Type something, or choose an example.",
  examples: "Examples",
  copy: "Copy",
  copied: "Copied",
  style: "Style",
  currency: "Currency",
  symbol: "symbol: € 5",
  code: "code: EUR 5",
  clock: "Clock",
  clock24: "16.30 uur",
  clock12: "4.30 uur ’s middags",
  words_to: "Numbers up to this one stay words",
  keep_ordinals: "Ordinals stay words",
  ambiguous: "Doubtful words too: een, een paar, dubbel",
  exact: "exact",
  near: "near",
  unproven: "unproven",
  exact_means: "The grammar reads these words as they stand. No model is needed.",
  near_means: "Misspelt, but close to this value and clearly farther from any other.",
  near_agrees: "The model says the same.",
  unproven_means: "This is what the model, or the nearest words, say. It is not proven.",
  unread: "no number read",
  asking: "the model reads …",
  details: "How this was read",
  close: "Close",
  read_so: "Read as",
  kind: "Kind",
  value: "Value",
  written: "Written",
  meant: "Meant",
  distance: "Distance",
  distance_means: "what the misspellings cost together",
  rival: "Nearest other value",
  rival_at: (value, distance) => `${value}, at distance ${distance}`,
  no_rival: "none around",
  said: "The model says",
  probability: "Probability, by the model",
  found: (all, each) => (all ? `${all} ${all === 1 ? "number" : "numbers"} found: ${each}` : "No numbers found"),
  tuned_title: "What fine-tuning teaches",
  tuned_lead: "The same Gemma model reads each number above twice, without help from the grammar: with the adapter that getalwoord trained, and without.",
  tuned_switch: "Put both side by side",
  tuned_absent: "This server reads by the grammar alone. With an adapter, the tuned model and its base stand here side by side:",
  tuned: "fine-tuned",
  base: "untuned",
  same_as_read: "as read",
  other_than_read: "not as read",
  alike: "Both say the same.",
  unlike: "They differ.",
  score: (all, tuned, base) => `As the grammar reads: fine-tuned ${tuned} of ${all}, untuned ${base} of ${all}.`,
  first_only: (most) => `The first ${most} numbers are compared.`,
  nothing_to_compare: "There is nothing above to compare yet.",
  spell_title: "The other way: from figures to words",
  number: "Number, time or date",
  spell_hint: "1500 · -6 · 2.5 · 2/3 · 16:30 · 1945-05-03",
  spell_kind: "Kind",
  spell_unit: "Unit",
  by_figures: "by itself",
  none: "none",
  spelled: "In words",
  down: "The server does not answer. The page keeps trying by itself.",
  busy: "The server is busy. The page will ask again in a moment.",
  needs_key: "This server asks for a key.",
  key: "API key",
  use_key: "Use",
  wrong_key: "This key does not fit.",
  grammar_alone: "grammar alone",
  about: (version, model) => `getalwoord ${version} · ${model}`,
  private: "What you type goes to this server alone, and is not kept.",
  kinds: {
    cardinal: "cardinal",
    negative: "negative",
    decimal: "decimal",
    ordinal: "ordinal",
    fraction: "fraction",
    percentage: "per cent",
    money: "money",
    year: "year",
    time: "time",
    date: "date",
    multiplier: "multiplier",
    digits: "digits",
    misspelt: "misspelt",
    sentence: "sentence",
    doubtful: "doubtful",
    deed: "deed",
  },
};

const LANGUAGES = { nl, en };
const REMEMBERED = "getalwoord.language";

/** @type {"nl" | "en"} */
export let language = remembered() ?? (navigator.language.startsWith("nl") ? "nl" : "en");

/** Give the words of the language that is chosen. */
export function words() {
  return LANGUAGES[language];
}

/** Name a kind of numeral. @param {string | null} kind */
export function nameOf(kind) {
  const names = /** @type {Record<string, string>} */ (words().kinds);
  return kind === null ? "" : (names[kind] ?? kind);
}

/** Write a number of the page's own, a distance or a share. @param {number} value @param {Intl.NumberFormatOptions} [form] */
export function numberText(value, form = { maximumFractionDigits: 2 }) {
  return new Intl.NumberFormat(language, form).format(value);
}

/** Choose the language and remember it. @param {"nl" | "en"} chosen */
export function choose(chosen) {
  language = chosen;
  try {
    localStorage.setItem(REMEMBERED, chosen);
  } catch {
    // Where nothing may be stored it is chosen anew each time.
  }
}

/** Put the words into the elements that ask for them by name. */
export function fill() {
  const all = /** @type {Record<string, any>} */ (words());
  document.documentElement.lang = language;
  for (const node of document.querySelectorAll("[data-say]"))
    node.textContent = all[node.getAttribute("data-say") ?? ""];
  for (const node of document.querySelectorAll("[data-label]"))
    node.setAttribute("aria-label", all[node.getAttribute("data-label") ?? ""]);
}

function remembered() {
  try {
    const name = localStorage.getItem(REMEMBERED);
    return name === "nl" || name === "en" ? name : null;
  } catch {
    return null;
  }
}

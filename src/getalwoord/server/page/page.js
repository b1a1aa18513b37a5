// Getalwoord's page: it puts its parts together, and starts.

import { Comparison } from "./compare.js";
import { byId, element } from "./dom.js";
import { LiveReading } from "./reading.js";
import { Refused, Service } from "./service.js";
import { Spelling } from "./spell.js";
import { choose, fill, language, nameOf, words } from "./words.js";

/** @import { Info } from "./types.d.ts" */

const FIRST = [
  "vierhonderd drie en tachtig",
  "Ik betaalde drieëntwintig euro vijftig voor twee derde van de taart.",
  "achtien",
].join("\n");

const EXAMPLES = {
  cardinal: "vierhonderd drie en tachtig",
  negative: "min zeventien",
  decimal: "drie komma veertien",
  ordinal: "eenentwintigste",
  fraction: "vijf zevende",
  percentage: "twee komma vijf procent",
  money: "drieëntwintig euro vijftig",
  year: "negentienhonderdvierentachtig",
  time: "vijf voor half drie ’s middags",
  date: "drie mei negentienvijfenveertig",
  multiplier: "driemaal",
  digits: "nul zes een twee",
  misspelt: "achtien\nzestin\nvierhonderd drie n tagtich\nzzeuvun",
  sentence: "Om kwart voor acht kwamen er tweeëndertig gasten, voor de vierde keer.",
  doubtful: "Geef acht op de acht elven: om elf uur gaan zij door de zeven.",
  deed:
    "Heden, drie mei tweeduizend vierentwintig, verkoopt de eigenaar drie vijfde deel van het perceel, " +
    "groot twaalf are en vijf centiare, voor vierhonderdtweeëntachtigduizend vijfhonderd euro, " +
    "tegen drie komma vijf procent rente, te betalen vóór dertig juni om twaalf uur.",
};

const service = new Service();
const text = byId("text", HTMLTextAreaElement);
const styleForm = byId("style", HTMLFormElement);
const keyForm = byId("key", HTMLFormElement);
const notice = byId("notice", HTMLElement);
const copy = byId("copy", HTMLButtonElement);

const reading = new LiveReading(
  service,
  { text, figures: byId("figures", HTMLElement), status: byId("status", HTMLElement) },
  () => {
    const form = new FormData(styleForm);
    return {
      currency: String(form.get("currency")),
      clock: String(form.get("clock")),
      words_to: Math.max(0, Math.trunc(Number(form.get("words_to")))),
      keep_ordinals: form.has("keep_ordinals"),
      ambiguous: form.has("ambiguous"),
    };
  },
);
const comparison = new Comparison(service, byId("wanted", HTMLInputElement), byId("compared", HTMLElement));
const spelling = new Spelling(service, {
  number: byId("number", HTMLInputElement),
  kind: byId("kind", HTMLSelectElement),
  unit: byId("unit", HTMLSelectElement),
  spelled: byId("spelled", HTMLElement),
});
/** @type {Info | null} */
let info = null;

/** Read all anew, and ask what the service is: where it has a model, that is asked, too. */
async function begin() {
  reading.read();
  spelling.spell();
  try {
    info = await service.ask("/v1/info");
  } catch (error) {
    if (error instanceof Refused) return;
    throw error;
  }
  show();
  spelling.offer(info?.kinds);
  reading.hasModel = Boolean(info?.adapter);
  reading.atOnce = info?.limits?.texts ?? reading.atOnce;
  if (reading.hasModel) reading.read();
}

/** Say everything in the language that is chosen. */
function show() {
  fill();
  for (const button of document.querySelectorAll("[data-language]"))
    button.setAttribute("aria-pressed", String(button.getAttribute("data-language") === language));
  byId("examples", HTMLElement).replaceChildren(
    ...Object.entries(EXAMPLES).map(([name, example]) => {
      const use = () => {
        text.value = example;
        reading.read();
      };
      return element("li", {}, element("button", { type: "button", click: use }, nameOf(name)));
    }),
  );
  byId("tuned", HTMLElement).hidden = !info?.adapter;
  byId("untuned", HTMLElement).hidden = !info || Boolean(info.adapter);
  const model = info?.adapter ? [info.adapter, info.base].filter(Boolean).join(" / ") : words().grammar_alone;
  byId("about", HTMLElement).textContent = info ? words().about(info.version, model) : "";
  showState();
}

function showState() {
  const say = words();
  keyForm.hidden = service.state !== "key";
  const said = { ok: "", down: say.down, busy: say.busy, key: service.key ? say.wrong_key : say.needs_key };
  notice.textContent = said[/** @type {keyof typeof said} */ (service.state)];
  notice.className = service.state;
}

service.addEventListener("state", showState);
service.addEventListener("back", begin);
reading.addEventListener("shown", () => comparison.follow(reading.lines));
styleForm.addEventListener("input", () => reading.read());
styleForm.addEventListener("submit", (event) => event.preventDefault());
keyForm.addEventListener("submit", (event) => {
  event.preventDefault();
  service.unlock(byId("secret", HTMLInputElement).value);
});
for (const button of document.querySelectorAll("[data-language]"))
  button.addEventListener("click", () => {
    choose(button.getAttribute("data-language") === "en" ? "en" : "nl");
    show();
    spelling.offer();
    comparison.show();
    reading.redraw();
  });
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") reading.close();
});
copy.hidden = !navigator.clipboard;
copy.addEventListener("click", async () => {
  await navigator.clipboard.writeText(reading.inFigures());
  copy.textContent = words().copied;
  setTimeout(() => (copy.textContent = words().copy), 1500);
});

text.value ||= FIRST;
show();
begin();

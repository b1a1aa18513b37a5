// What the service answers; read by the type checker alone.

export type How = "exact" | "near" | "unproven";

export interface Part {
  text: string;
  start: number;
  end: number;
  value: string | null;
}

export interface Reading {
  text: string;
  value: string | null;
  kind: string | null;
  unit: string | null;
  how: How | null;
  figures?: string | null;
  parts?: Part[];
  meant?: string;
  distance?: number;
  rival?: string;
  rival_distance?: number;
  answer?: string;
  probability?: number;
  error?: string;
}

export interface Sentence {
  text: string;
  readings: (Reading & { start: number; end: number })[];
  normalised: string;
}

export type Result = Reading | Sentence;

export interface Spelled {
  value: string;
  text: string | null;
  error?: string;
}

export interface Info {
  version: string;
  adapter: string | null;
  base: string | null;
  kinds: string[];
  limits?: { texts?: number };
}

export interface Style {
  currency: string;
  clock: string;
  words_to: number;
  keep_ordinals: boolean;
  ambiguous: boolean;
}

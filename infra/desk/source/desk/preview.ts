/** The last message of a conversation in a line of the list. */
import type { Message, Part } from "../api/types.js";
import { word, wordFor } from "../language/language.js";

/** What the message says, in the reader's language where it is not text; empty when there is none. */
export function lastWords({ text, parts }: Pick<Message, "text" | "parts"> = { text: "", parts: [] }): string {
  return parts.some(({ type }) => type in NAMED) ? parts.map(shortly).filter(Boolean).join(" ") : text;
}

const NAMED: Record<string, (part: Part) => string> = {
  event: ({ name }) => wordFor("event", name ?? ""),
  image: ({ caption }) => `[${word("picture")}] ${caption ?? ""}`.trim(),
  voice: ({ transcript }) => `[${word("voice")}] ${transcript ?? ""}`.trim(),
  file: ({ media }) => `[${word("file")}] ${media?.filename ?? ""}`.trim(),
};

function shortly(part: Part): string {
  return NAMED[part.type]?.(part) ?? part.text ?? part.title ?? part.name ?? "";
}

/** Why the API refused something, as an agent would say it. */
import { CallError, explain } from "../api/call.js";
import { wordFor } from "../language/language.js";

/** In the reader's language where there are words for the code; else what the API says. */
export function refusal(error: unknown): string {
  const code = error instanceof CallError ? error.code : undefined;
  const reason = code ? wordFor("because", code) : "";
  return reason && reason !== code?.replaceAll("_", " ") ? reason : explain(error);
}

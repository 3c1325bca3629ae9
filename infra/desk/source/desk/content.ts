/** What a reply consists of. */
import type { Part } from "../api/types.js";
import type { Attachment } from "./attachments.js";

/** The files that are up, then the text: as a question where it comes with choices, one a line. */
export function partsOf(text: string, choices: string | null, files: Attachment[]): Part[] {
  const parts: Part[] = [];
  for (const { media } of files) if (media) parts.push({ type: kindOf(media.mime_type ?? ""), media });
  const titles = (choices ?? "")
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
  const said = text.trim();
  if (titles.length && said) {
    parts.push({ type: "choices", text: said, options: titles.map((title, index) => ({ id: String(index + 1), title })) });
  } else if (said) {
    parts.push({ type: "text", text: said });
  }
  return parts;
}

function kindOf(mimeType: string): string {
  const kind = mimeType.split("/")[0] ?? "";
  return ["image", "audio", "video"].includes(kind) ? kind : "file";
}

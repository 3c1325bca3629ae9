// Files on their way up: a form from the server, then the file straight to the bucket.

import { Problem, type Part, type Upload } from "./protocol";
import type { Sessions } from "./sessions";

export interface Attachment {
  file: File;
  /** There is one as soon as the file is up. */
  part?: Part;
  problem?: string;
}

/** Gives the attachment its part, or its problem. */
export async function upload(attachment: Attachment, sessions: Sessions): Promise<void> {
  const { file } = attachment;
  const { name, size, type } = file;
  try {
    await sessions.current();
    const about = { filename: name, mime_type: type || "application/octet-stream", size };
    const { media_id, url, fields } = await sessions.call<Upload>("POST", "uploads", about);
    const form = new FormData();
    for (const field of Object.entries(fields)) form.append(...field);
    form.append("file", file);
    if (!(await fetch(url, { method: "POST", body: form })).ok) throw new Problem("error");
    const kind = /^(image|audio|video)\//.exec(type)?.[1] ?? "file";
    attachment.part = { type: kind, media: { media_id, filename: name } };
  } catch (problem) {
    attachment.problem = (problem as Problem).code ?? "error";
  }
}

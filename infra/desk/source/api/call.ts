/** A refused call: `code` is the API's stable code where it gave one. */
export class CallError extends Error {
  constructor(
    readonly status: number,
    readonly code: string | undefined,
    detail: string | undefined,
  ) {
    super(detail || code || `HTTP ${status}`);
  }
}

interface Options {
  body?: unknown;
  headers?: Record<string, string>;
}

interface Problem {
  code?: string;
  detail?: string;
  title?: string;
  error?: string;
}

/** JSON in, JSON out. Raises CallError for every answer that is not 2xx, and for one that is not JSON. */
export async function call<Answer>(method: string, address: string, { body, headers }: Options = {}): Promise<Answer> {
  const request: RequestInit = { method, headers: { ...headers }, cache: "no-store" };
  if (body !== undefined) {
    request.body = JSON.stringify(body);
    request.headers = { ...headers, "Content-Type": "application/json" };
  }
  const response = await fetch(address, request);
  const text = await response.text();
  let content: unknown = null;
  let readable = true;
  try {
    content = text ? JSON.parse(text) : null;
  } catch {
    readable = false;
  }
  const problem = (readable && typeof content === "object" ? content : null) as Problem | null;
  if (!response.ok) throw new CallError(response.status, problem?.code, problem?.detail || problem?.title || problem?.error);
  if (!readable) throw new CallError(response.status, "not_json", undefined);
  return content as Answer;
}

/** What to tell the user about a failed call. */
export function explain(error: unknown): string {
  if (error instanceof CallError) return error.code && error.code !== error.message ? `${error.message} (${error.code})` : error.message;
  return error instanceof Error ? error.message : String(error);
}

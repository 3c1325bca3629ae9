import { word } from "../language/language.js";

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

/** There was no answer at all. */
export class NoAnswer extends Error {}

/** JSON in, JSON out. Raises CallError for every answer that is not 2xx, and for one that is not JSON; NoAnswer. */
export async function call<Answer>(method: string, address: string, { body, headers }: Options = {}): Promise<Answer> {
  const request: RequestInit = { method, headers: { ...headers }, cache: "no-store" };
  if (body !== undefined) {
    request.body = JSON.stringify(body);
    request.headers = { ...headers, "Content-Type": "application/json" };
  }
  const response = await answerTo(address, request);
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

/** Raises NoAnswer. */
export async function answerTo(address: string, request: RequestInit): Promise<Response> {
  try {
    return await fetch(address, request);
  } catch {
    throw new NoAnswer();
  }
}

/** What to tell the user about a failed call. */
export function explain(error: unknown): string {
  if (error instanceof NoAnswer) return word("noAnswer");
  if (error instanceof CallError) return error.code && error.code !== error.message ? `${error.message} (${error.code})` : error.message;
  return error instanceof Error ? error.message : String(error);
}

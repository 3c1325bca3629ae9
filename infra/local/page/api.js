// Calls to the API and to the local stack.

/** A refused call: `code` is the API's stable code where it gave one. */
export class CallError extends Error {
  constructor(status, code, detail) {
    super(detail || code || `HTTP ${status}`);
    this.status = status;
    this.code = code;
  }
}

/** JSON in, JSON out. Raises CallError for every answer that is not 2xx. */
export async function call(method, path, { body, headers = {} } = {}) {
  const options = { method, headers: { ...headers }, cache: "no-store" };
  if (body !== undefined) {
    options.body = JSON.stringify(body);
    options.headers["Content-Type"] = "application/json";
  }
  const response = await fetch(path, options);
  const text = await response.text();
  let content = null;
  try {
    content = text ? JSON.parse(text) : null;
  } catch {
    content = null;
  }
  if (!response.ok) {
    throw new CallError(response.status, content?.code, content?.detail || content?.title || content?.error);
  }
  return content;
}

/** The API with the desk's key. */
export class Api {
  constructor(key) {
    this.headers = { Authorization: `Bearer ${key}` };
  }

  get(path) {
    return call("GET", path, { headers: this.headers });
  }

  send(method, path, body, headers = {}) {
    return call(method, path, { body, headers: { ...this.headers, ...headers } });
  }
}

/** What to tell the user about a failed call. */
export const explain = (error) => (error.code ? `${error.code}: ${error.message}` : error.message);

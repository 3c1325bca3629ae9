import { answerTo, CallError, call } from "./call.js";
import type { Accepted, ChannelAccount, Conversation, Customer, Entry, LinkCode, Media, Message, Outcome, Page, Part } from "./types.js";

export interface ReplyBody {
  parts: Part[];
  author: { type: "agent" | "bot" };
  route?: { identity_id: string };
  fallback?: "auto";
}

export interface ControlBody {
  action: "take" | "pass" | "release";
  to?: "bot";
}

/** The onethread API at an address, called with one key. */
export class Api {
  constructor(
    readonly base: string,
    private readonly key: string,
  ) {}

  /** The party that this desk is: the id in its key (`ot_<id>_...`). */
  get party(): string {
    return this.key.split("_")[1] ?? "";
  }

  conversations(cursor?: string, limit = 50): Promise<Page<Conversation>> {
    return this.get(`/v1/conversations?limit=${limit}${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`);
  }

  conversation(id: string): Promise<Conversation> {
    return this.get(`/v1/conversations/${id}`);
  }

  changeConversation(id: string, change: Partial<Pick<Conversation, "status" | "tags">>): Promise<Conversation> {
    return this.send("PATCH", `/v1/conversations/${id}`, change);
  }

  messages(id: string, after: number, limit = 100): Promise<Page<Message>> {
    return this.get(`/v1/conversations/${id}/messages?after=${Math.max(0, after)}&limit=${limit}`);
  }

  events(id: string, after: number, limit = 100): Promise<Page<Entry>> {
    return this.get(`/v1/conversations/${id}/events?after=${Math.max(0, after)}&limit=${limit}`);
  }

  reply(id: string, body: ReplyBody, key: string): Promise<Accepted> {
    return this.send("POST", `/v1/conversations/${id}/messages`, body, { "Idempotency-Key": key });
  }

  typing(id: string): Promise<{ shown: boolean }> {
    return this.send("POST", `/v1/conversations/${id}/typing`, { as: "desk" });
  }

  control(id: string, body: ControlBody): Promise<{ conversation: Conversation }> {
    return this.send("POST", `/v1/conversations/${id}/control`, { as: "desk", ...body });
  }

  customer(id: string): Promise<Customer> {
    return this.get(`/v1/customers/${id}`);
  }

  changeCustomer(id: string, change: { name?: string; tags?: string[] }): Promise<Customer> {
    return this.send("PATCH", `/v1/customers/${id}`, change);
  }

  linkCode(customer: string): Promise<LinkCode> {
    return this.send("POST", `/v1/customers/${customer}/link-codes`, {});
  }

  merge(customer: string, into: string, dryRun: boolean): Promise<Outcome> {
    return this.send("POST", `/v1/customers/${customer}/merge`, { into, dry_run: dryRun });
  }

  unlink(customer: string, identity: string, dryRun: boolean): Promise<Outcome> {
    return this.send("DELETE", `/v1/customers/${customer}/identities/${identity}?dry_run=${dryRun}`);
  }

  async channels(): Promise<ChannelAccount[]> {
    return (await this.get<Page<ChannelAccount>>("/v1/channels")).items;
  }

  /** Uploads a file and answers what a part says of it. */
  async upload(file: File): Promise<Media> {
    const mimeType = file.type || "application/octet-stream";
    const form = await this.send<{ media_id: string; url: string; fields: Record<string, string> }>("POST", "/v1/media", {
      mime_type: mimeType,
      size: file.size,
    });
    const body = new FormData();
    for (const [name, value] of Object.entries(form.fields)) body.append(name, value);
    body.append("file", file);
    const stored = await answerTo(form.url, { method: "POST", body });
    if (!stored.ok) throw new CallError(stored.status, "upload_failed", undefined);
    return { media_id: form.media_id, mime_type: mimeType, size: file.size, filename: file.name };
  }

  private get<Answer>(path: string): Promise<Answer> {
    return call("GET", this.base + path, { headers: this.headers });
  }

  private send<Answer>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    return call(method, this.base + path, { body, headers: { ...this.headers, ...headers } });
  }

  private get headers(): Record<string, string> {
    return { Authorization: `Bearer ${this.key}` };
  }
}

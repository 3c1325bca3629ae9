// What goes over the socket and the chat routes, as docs/channels/webchat.md describes it. Only what the widget uses.

export interface Media {
  media_id?: string;
  state?: "pending" | "stored" | "expired" | "rejected" | "withheld";
  mime_type?: string;
  filename?: string;
  size?: number;
  width?: number;
  height?: number;
  url?: string;
}

export interface Option {
  id: string;
  title: string;
}

export interface Action {
  title: string;
  url?: string;
  id?: string;
}

export interface Card {
  title?: string;
  description?: string;
  image?: Media;
  image_url?: string;
  url?: string;
  actions?: Action[];
}

/** All parts in one shape: which members are there depends on `type`, and nothing is taken for granted. */
export interface Part extends Card {
  type: string;
  text?: string;
  format?: "plain" | "markdown" | "html";
  caption?: string;
  transcript?: string;
  emoji?: string;
  media?: Media;
  options?: Option[];
  footer?: string;
  id?: string;
  latitude?: number;
  longitude?: number;
  name?: string;
  address?: string;
  phones?: string[];
  emails?: string[];
  cards?: Card[];
}

export interface Message {
  id: string;
  conversation_id: string;
  sequence: number;
  direction: "inbound" | "outbound";
  author: { type: string; name?: string };
  channel: { type: string };
  parts: Part[];
  text: string;
  occurred_at: string;
  status?: string;
  client_id?: string;
  truncated?: boolean;
}

export type Frame =
  | { type: "accepted"; client_id: string }
  | { type: "message"; message: Message }
  | { type: "typing"; active: boolean }
  | { type: "conversation"; conversation_id: string }
  | { type: "channel_switched"; from: { channel: string }; to: { channel: string }; sequence: number }
  | { type: "resumed"; sequence: number; conversation_id?: string; more?: boolean }
  | { type: "pong" }
  | { type: "error"; code: string; detail: string; client_id?: string };

export interface Session {
  token: string;
  identity_id: string;
  socket_url: string;
  /** Seconds since 1970. */
  expires_at: number;
}

export interface History {
  items: Message[];
  conversation_id?: string;
  cursor?: string;
}

export interface Upload {
  media_id: string;
  url: string;
  fields: Record<string, string>;
}

export interface LinkCode {
  code: string;
  links: { channel: string; url: string; qr?: string }[];
}

/** What a visitor says of themselves; it proves nothing. */
export interface Claims {
  name?: string;
  email?: string;
  phone?: string;
}

/** A refusal with its code, or `offline`: there was no answer at all. */
export class Problem extends Error {
  constructor(
    readonly code: string,
    readonly status = 0,
  ) {
    super(code);
  }
}

/** The public schema, as much of it as the desk reads: see GET /v1/schema. */

export interface Route {
  identity_id: string;
  channel: string;
  account: string;
  can_reply: boolean;
  reason?: string;
  closes_at?: string;
  remaining?: number;
}

/** Somebody who answers customers: an API key and what it is used as. */
export interface Party {
  type: "bot" | "desk";
  /** The key's id; with an offer nothing means anybody of the type. */
  id?: string;
}

/** The party that alone may reply. One whose time is over is not shown. */
export interface Controller extends Party {
  name?: string;
  since: string;
}

export interface Conversation {
  id: string;
  customer_id: string;
  status: "open" | "pending" | "closed";
  sequence: number;
  created_at: string;
  updated_at: string;
  active_route?: string;
  routes?: Route[];
  tags?: string[];
  priority?: string;
  assignee?: string;
  waiting_since?: string;
  customer_typing?: boolean;
  controller?: Controller;
  offered_to?: Party;
}

export interface Media {
  media_id?: string;
  state?: "pending" | "stored" | "expired" | "rejected" | "withheld";
  mime_type?: string;
  size?: number;
  filename?: string;
  url?: string;
  reason?: string;
}

export interface Option {
  id: string;
  title: string;
}

/** A part of any type; which fields it has is told by `type`. */
export interface Part {
  type: string;
  text?: string;
  caption?: string;
  title?: string;
  description?: string;
  transcript?: string;
  footer?: string;
  emoji?: string;
  url?: string;
  image_url?: string;
  image?: Media;
  media?: Media;
  options?: Option[];
  id?: string;
  actions?: { title: string; url?: string; id?: string }[];
  cards?: Part[];
  name?: string;
  latitude?: number;
  longitude?: number;
  address?: string;
  phones?: string[];
  emails?: string[];
  price?: string;
  total?: string;
  state?: string;
  app_id?: string;
  page_path?: string;
  items?: string[];
  provider_type?: string;
  reason?: string;
  raw?: string;
  parameters?: Record<string, unknown>;
}

export type Status = "queued" | "unknown" | "sent" | "failed" | "delivered" | "read";

export interface Attempt {
  identity_id: string;
  channel: string;
  account: string;
  status: Status;
  reason?: string;
  at?: string;
}

export interface Degradation {
  part: number;
  from: string;
  to: string;
  lost?: string[];
}

export interface Message {
  id: string;
  sequence: number;
  direction: "inbound" | "outbound";
  origin: string;
  author: { type: string; name?: string };
  channel: { type: string; account: string };
  identity_id: string;
  parts: Part[];
  text: string;
  occurred_at: string;
  status?: Status;
  error?: { code: string; title?: string };
  attempts?: Attempt[];
  degradations?: Degradation[];
  edited_at?: string;
  deleted_at?: string;
  email?: { subject?: string };
  /** Stored long after it came in, or behind a message that was written later. */
  late?: boolean;
}

/** One entry of the log. */
export interface Entry {
  id: string;
  type: string;
  time: string;
  sequence: number;
  data?: {
    message?: Message;
    message_sequence?: number;
    reason?: string;
    from?: { channel: string };
    to?: { channel: string };
    link?: Link;
    identities?: { id: string; channel: string }[];
    changes?: Record<string, unknown>;
    reaction?: string;
    action?: "offer" | "take" | "pass" | "release" | "extend";
    by?: Party;
    controller?: Controller;
    previous?: Controller;
    offered_to?: Party;
    note?: string;
    channel?: string;
  };
}

export interface Link {
  id: string;
  evidence: string;
  verification: string;
  by: Record<string, string>;
  at: string;
  customer_id: string;
  identity_ids: string[];
  from_customer_id?: string;
  undone_at?: string;
  undone_by?: Record<string, string>;
}

export interface Identity {
  id: string;
  channel: string;
  account: string;
  external_id: string;
  verification: string;
  status: "active" | "blocked" | "inactive";
  name?: string;
  link_id?: string;
  created_at?: string;
}

export interface Suggestion {
  kind: string;
  value: string;
  customer_id: string;
  identity_id: string;
  said_at: string;
  proven?: boolean;
}

export interface Customer {
  id: string;
  name?: string;
  language?: string;
  tags: string[];
  attributes: Record<string, unknown>;
  identities: Identity[];
  links?: Link[];
  suggestions?: Suggestion[];
  merged_into?: string;
}

export interface Capabilities {
  channel: string;
  title: string;
  sends: string[];
  text?: { maximum: number; unit: string };
  typing?: boolean;
}

export interface ChannelAccount {
  channel: string;
  account: string;
  capabilities: Capabilities;
  health: { status: string; code?: string };
}

export interface OfferedLink {
  channel: string;
  account: string;
  url: string;
  qr?: string;
}

export interface LinkCode {
  code: string;
  expires_at: string;
  links: OfferedLink[];
}

/** What a merge or an unlink does, or would do. */
export interface Outcome {
  dry_run: boolean;
  link: Link;
  conversation_id: string;
  closed_conversation_id?: string;
  reopened_conversation_id?: string;
  moved_conversation_id?: string;
}

export interface Accepted {
  message_id: string;
  sequence: number;
  status: Status;
  route: Route;
  degradations: Degradation[];
}

export interface Page<Item> {
  items: Item[];
  cursor?: string;
}

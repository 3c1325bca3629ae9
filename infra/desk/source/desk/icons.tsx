/** Pictures drawn in place: channels, ticks and buttons. */
import type { Status } from "../api/types.js";
import { channelName, wordFor } from "../language/language.js";

const PATHS = {
  search: "M10.5 4a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13ZM20 20l-4.8-4.8",
  back: "M15 5l-7 7 7 7",
  close: "M6 6l12 12M18 6L6 18",
  clip: "M20 11.5l-8.2 8.2a5 5 0 0 1-7-7l8.5-8.5a3.3 3.3 0 0 1 4.7 4.7l-8.4 8.4a1.7 1.7 0 0 1-2.4-2.4l7.7-7.7",
  send: "M4 12l16-8-5 16-3.5-6.5L4 12Z",
  list: "M8 7h12M8 12h12M8 17h12M4 7h.01M4 12h.01M4 17h.01",
  person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM4.5 20c1-4 4-5.5 7.5-5.5s6.5 1.5 7.5 5.5",
  sun: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8ZM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4",
  moon: "M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5Z",
  system: "M4 5h16v11H4zM9 20h6M12 16v4",
  keyboard: "M3 7h18v10H3zM7 10.5h.01M10.5 10.5h.01M14 10.5h.01M17.5 10.5h.01M8 14h8",
  link: "M10 14a4 4 0 0 0 6 .4l3-3a4 4 0 0 0-5.7-5.7l-1 1M14 10a4 4 0 0 0-6-.4l-3 3a4 4 0 0 0 5.7 5.7l1-1",
  switch: "M4 8h14l-4-4M20 16H6l4 4",
  check: "M5 12.5l4.5 4.5L19 7",
  phone: "M8 3h8a1.5 1.5 0 0 1 1.5 1.5v15A1.5 1.5 0 0 1 16 21H8a1.5 1.5 0 0 1-1.5-1.5v-15A1.5 1.5 0 0 1 8 3ZM11 18h2",
  scan: "M4 9V5h4M16 5h4v4M20 15v4h-4M8 19H4v-4M4 12h16",
  out: "M14 4h5v16h-5M4 12h10M10.5 8.5L14 12l-3.5 3.5",
  bot: "M6 9h12v9H6zM12 9V5M9.5 13h.01M14.5 13h.01M3.5 12.5v2.5M20.5 12.5v2.5M11.9 4h.2",
  flag: "M6 21V4h11.5l-3 4 3 4H6",
  plus: "M12 5v14M5 12h14",
  warning: "M12 4l9 16H3L12 4ZM12 10v4M12 17h.01",
} as const;

export type IconName = keyof typeof PATHS;

/** A line drawing; what it means is said by the text or the label beside it. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}

const CHANNELS: Record<string, string> = {
  webchat: "M5 6h14v10h-8l-4 3.2V16H5z",
  wechat: "M9.5 5C6 5 3.5 7.2 3.5 10c0 1.6.8 2.9 2.1 3.8L5 16l2.4-1.2c.7.2 1.4.3 2.1.3C13 15.1 15.5 12.8 15.5 10S13 5 9.5 5ZM16.7 10.5c2.4.4 4 2.1 4 4.1 0 1.2-.6 2.2-1.5 2.9l.4 1.7-1.9-.9c-3 .7-5.9-.6-6.7-2.6",
  email: "M4 6.5h16v11H4zM4.5 7l7.5 6 7.5-6",
  slack: "M9.5 4v16M14.5 4v16M4 9.5h16M4 14.5h16",
  sms: "M5 5h14v11h-7l-4 3v-3H5zM9 10.5h.01M12 10.5h.01M15 10.5h.01",
};

/** The sign of a channel; `named`: with its name for those who do not see it. */
export function ChannelIcon({ channel, named = false }: { channel: string; named?: boolean }) {
  const name = channelName(channel);
  const path = CHANNELS[channel];
  const label = named ? ({ role: "img", "aria-label": name } as const) : ({ "aria-hidden": true } as const);
  return (
    <span class={`channel channel-${CHANNELS[channel] ? channel : "other"}`} title={name} {...label}>
      {path ? (
        <svg viewBox="0 0 24 24" aria-hidden="true">
          <path d={path} />
        </svg>
      ) : (
        name.slice(0, 2)
      )}
    </span>
  );
}

const TICKS: Record<Status, string> = {
  queued: "M12 5a7 7 0 1 0 0 14 7 7 0 0 0 0-14ZM12 8.5V12l2.5 1.5",
  unknown: "M9 9.5a3 3 0 1 1 4.3 2.7c-.9.5-1.3 1-1.3 2M12 17.5h.01",
  sent: "M6 12.5l4 4L18.5 8",
  delivered: "M2.5 12.5l4 4L15 8M11 15.2l1.3 1.3L20.8 8",
  read: "M2.5 12.5l4 4L15 8M11 15.2l1.3 1.3L20.8 8",
  failed: "M12 5l8 14H4L12 5ZM12 10.5v3.5M12 16.5h.01",
};

export function Tick({ status, detail }: { status: Status; detail?: string }) {
  const said = wordFor("tick", status);
  const label = detail ? `${said}: ${detail}` : said;
  return (
    <span class={`tick tick-${status}`} role="img" aria-label={label} title={label}>
      <svg viewBox="0 0 24 24" aria-hidden="true">
        <path d={TICKS[status] ?? TICKS.unknown} />
      </svg>
    </span>
  );
}

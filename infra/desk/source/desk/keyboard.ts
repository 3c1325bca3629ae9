/** The desk by keyboard. Keys are left alone while somebody types or a dialog is open. */
import { takeOver } from "./control.js";
import { focusFirst, moveFocus } from "./list.js";
import type { Session } from "./session.js";
import { toggleStatus } from "./thread.js";

export const KEYS = [
  ["j k ↓ ↑", "key_move"],
  ["Enter", "key_open"],
  ["r", "key_reply"],
  ["/", "key_search"],
  ["t", "key_take"],
  ["i", "key_profile"],
  ["l", "key_link"],
  ["e", "key_close"],
  ["?", "key_help"],
  ["Esc", "key_escape"],
] as const;

export function listenToKeys(session: Session): () => void {
  const listen = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || document.querySelector("dialog[open]")) return;
    const typing = isField(event.target);
    if (typing) {
      if (event.key === "Escape") leave(event.target as HTMLElement);
      return;
    }
    const act = actions(session)[event.key];
    if (!act || ownsArrows(event)) return;
    event.preventDefault();
    act();
  };
  document.addEventListener("keydown", listen);
  return () => document.removeEventListener("keydown", listen);
}

function actions(session: Session): Record<string, () => void> {
  const conversation = session.thread?.conversation;
  return {
    j: () => moveFocus(1),
    k: () => moveFocus(-1),
    ArrowDown: () => moveFocus(1),
    ArrowUp: () => moveFocus(-1),
    r: () => document.getElementById("reply-text")?.focus(),
    "/": () => document.getElementById("search")?.focus(),
    "?": () => session.set({ dialog: "help" }),
    Escape: () => (session.profile && window.innerWidth < 1640 ? session.set({ profile: false }) : focusFirst()),
    ...(conversation && {
      t: () => void takeOver(session, conversation),
      i: () => session.set({ profile: !session.profile }),
      l: () => session.set({ dialog: "link" }),
      e: () => void toggleStatus(session, conversation),
    }),
  };
}

const isField = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName));

/** Arrows scroll the log, and move through tabs and routes. */
function ownsArrows(event: KeyboardEvent): boolean {
  const target = event.target as HTMLElement;
  return event.key.startsWith("Arrow") && target.closest("#messages, #profile, [role=tablist], [role=radiogroup], .customers") !== null;
}

function leave(field: HTMLElement): void {
  field.blur();
  document.querySelector<HTMLElement>("#conversations [aria-current=true]")?.focus();
}

/** Who answers in the open conversation, and how it is taken over, handed back and released. */
import { useRef } from "preact/hooks";
import type { ControlBody } from "../api/api.js";
import type { Conversation } from "../api/types.js";
import { word } from "../language/language.js";
import { type Control, controlOf, offeredNote } from "../live/control.js";
import type { Thread } from "../live/thread.js";
import { naming } from "./handed_over.js";
import { Icon, type IconName } from "./icons.js";
import { refusal } from "./refusal.js";
import { type Session, useSession } from "./session.js";

interface Props {
  thread: Thread;
  conversation: Conversation;
}

/** Above the reply box; empty while nobody in particular answers. What it says is announced when it changes. */
export function ControlBar({ thread, conversation }: Props) {
  const session = useSession();
  const busy = useRef(false);
  const control = controlOf(conversation, session.api.party);
  const text = standing(control, thread, session.api.party);

  const act = async (body: ControlBody): Promise<void> => {
    if (busy.current) return;
    busy.current = true;
    await change(session, conversation, body);
    busy.current = false;
  };

  return (
    <div id="control" class={`control ${look(control)}`}>
      {text && <Icon name={icon(control)} />}
      <p role="status" title={text || undefined}>
        {text}
      </p>
      {control.takeable && (
        <button type="button" id="take-over" onClick={() => void act({ action: "take" })}>
          {word("takeOver")}
        </button>
      )}
      {control.mine && (
        <>
          <button type="button" id="hand-back" class="quiet" onClick={() => void act({ action: "pass", to: "bot" })}>
            {word("handBack")}
          </button>
          <button type="button" id="release" class="quiet" onClick={() => void act({ action: "release" })}>
            {word("release")}
          </button>
        </>
      )}
    </div>
  );
}

/** Takes the conversation over where that is to be done. */
export async function takeOver(session: Session, conversation: Conversation): Promise<void> {
  if (controlOf(conversation, session.api.party).takeable) await change(session, conversation, { action: "take" });
}

/** The button that was pressed is gone afterwards: who took over goes on in the reply box, who gave up at the top. */
async function change(session: Session, conversation: Conversation, body: ControlBody): Promise<void> {
  try {
    await session.control(conversation.id, body);
    document.getElementById(body.action === "take" ? "reply-text" : "thread-title")?.focus();
  } catch (error) {
    session.set({ notice: { text: `${word("refused")}: ${refusal(error)}` } });
    await session.thread?.now();
  }
}

function standing({ controller, mine, offered }: Control, thread: Thread, self: string): string {
  if (mine) return word("answeringMe");
  if (offered) {
    const note = offeredNote(thread.lines());
    return note ? word("offeredWith", { note }) : word("offeredToDesk");
  }
  return controller ? word("answering", { name: naming("who", controller, self) }) : "";
}

function look({ controller, mine, offered }: Control): string {
  if (mine) return "control-mine";
  return offered ? "control-offered" : controller ? "control-other" : "control-none";
}

function icon({ controller, mine, offered }: Control): IconName {
  if (offered) return "flag";
  return !mine && controller?.type === "bot" ? "bot" : "person";
}

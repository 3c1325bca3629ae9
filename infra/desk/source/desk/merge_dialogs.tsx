/** Merging and taking apart: what would happen is shown before it does, and can be taken back after. */
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { explain } from "../api/call.js";
import type { Customer, Identity, Outcome } from "../api/types.js";
import { channelName, channelNames, word } from "../language/language.js";
import { nameOf } from "../live/inbox.js";
import { Dialog } from "./dialog.js";
import { ChannelIcon } from "./icons.js";
import { type Session, useSession } from "./session.js";

const shownName = (customer: Customer): string => nameOf(customer) ?? word("somebody", { id: customer.id.slice(-4) });

interface MergeProps {
  customer: Customer;
  into?: string;
  close: () => void;
}

export function MergeDialog({ customer, into, close }: MergeProps) {
  const session = useSession();
  const [target, setTarget] = useState(into ?? "");
  const [preview, setPreview] = useState<Outcome | null>(null);
  const [problem, setProblem] = useState("");
  const candidates = others(session, customer.id, target);
  const other = session.inbox.customers.get(target);

  useEffect(() => {
    setPreview(null);
    setProblem("");
    if (!target) return;
    session.api.merge(customer.id, target, true).then(setPreview, (error: unknown) => setProblem(explain(error)));
    if (!session.inbox.customers.has(target)) void session.inbox.learnCustomer(target);
  }, [target]);

  const merge = async (): Promise<void> => {
    try {
      const done = await session.api.merge(customer.id, target, false);
      close();
      session.open(done.conversation_id);
      await refresh(session);
      const first = done.link.identity_ids[0] ?? "";
      session.set({
        notice: { text: word("merged"), action: { title: word("undo"), run: () => void undo(session, done.link.customer_id, first) } },
      });
    } catch (error) {
      setProblem(explain(error));
    }
  };

  const name = shownName(customer);
  return (
    <Dialog id="merge-dialog" title={word("mergeTitle", { name })} close={close}>
      <label class="field">
        {word("mergeInto", { name })}
        <select id="merge-into" value={target} onChange={(event) => setTarget(event.currentTarget.value)}>
          <option value="">{word("mergeChoose")}</option>
          {candidates.map((each) => (
            <option value={each.id} key={each.id}>
              {shownName(each)} ({channelNames(each.identities.map((identity) => identity.channel))})
            </option>
          ))}
        </select>
      </label>
      {preview && other && (
        <Preview outcome={preview}>
          <li>
            {word("outcomeMoves", { channels: channelNames(customer.identities.map((each) => each.channel)), name: shownName(other) })}
          </li>
          <li>{preview.moved_conversation_id ? word("outcomeMoved") : word("outcomeKept", { name: shownName(other) })}</li>
        </Preview>
      )}
      <Foot problem={problem} close={close} confirm={word("mergeConfirm")} ready={preview !== null} act={merge} />
    </Dialog>
  );
}

function others(session: Session, self: string, target: string): Customer[] {
  const open = session.inbox.sorted().map((conversation) => conversation.customer_id);
  const ids = [...new Set([...(target ? [target] : []), ...open])].filter((id) => id !== self);
  return ids.flatMap((id) => session.inbox.customers.get(id) ?? []).filter((each) => !each.merged_into);
}

interface UnlinkProps {
  customer: Customer;
  identity: Identity;
  close: () => void;
}

export function UnlinkDialog({ customer, identity, close }: UnlinkProps) {
  const session = useSession();
  const [preview, setPreview] = useState<Outcome | null>(null);
  const [problem, setProblem] = useState("");
  useEffect(() => {
    session.api.unlink(customer.id, identity.id, true).then(setPreview, (error: unknown) => setProblem(explain(error)));
  }, []);

  const unlink = async (): Promise<void> => {
    try {
      await session.api.unlink(customer.id, identity.id, false);
      close();
      await refresh(session);
      session.set({ notice: { text: word("takenApart") } });
    } catch (error) {
      setProblem(explain(error));
    }
  };

  const leaving = customer.identities.filter((each) => preview?.link.identity_ids.includes(each.id));
  return (
    <Dialog id="unlink-dialog" title={word("unlinkTitle", { channel: channelName(identity.channel) })} close={close}>
      <p class="identity-line">
        <ChannelIcon channel={identity.channel} /> {identity.name ?? identity.external_id}
      </p>
      {preview && (
        <Preview outcome={preview}>
          <li>
            {word("outcomeLeaves", { channels: channelNames(leaving.map((each) => each.channel)), name: shownName(customer) })}
          </li>
        </Preview>
      )}
      <Foot problem={problem} close={close} confirm={word("unlinkConfirm")} ready={preview !== null} act={unlink} />
    </Dialog>
  );
}

function Preview({ outcome, children }: { outcome: Outcome; children: ComponentChildren }) {
  return (
    <section class="preview-box" aria-live="polite">
      <h3>{word("mergePreview")}</h3>
      <ul>
        {children}
        {outcome.closed_conversation_id && <li>{word("outcomeClosed")}</li>}
        {outcome.reopened_conversation_id && <li>{word("outcomeReopened")}</li>}
        {!outcome.link.undone_at && <li>{word("outcomeUndo")}</li>}
      </ul>
    </section>
  );
}

interface FootProps {
  problem: string;
  close: () => void;
  confirm: string;
  ready: boolean;
  act: () => Promise<void>;
}

function Foot({ problem, close, confirm, ready, act }: FootProps) {
  const [busy, setBusy] = useState(false);
  return (
    <div class="dialog-foot">
      <p class="problem" role="alert">
        {problem}
      </p>
      <button type="button" onClick={close}>
        {word("cancel")}
      </button>
      <button
        type="button"
        class="main"
        disabled={!ready || busy}
        onClick={() => {
          setBusy(true);
          void act().finally(() => setBusy(false));
        }}
      >
        {confirm}
      </button>
    </div>
  );
}

async function undo(session: Session, customer: string, identity: string): Promise<void> {
  try {
    await session.api.unlink(customer, identity, false);
    await refresh(session);
    session.set({ notice: { text: word("takenApart") } });
  } catch (error) {
    session.set({ notice: { text: `${word("refused")}: ${explain(error)}` } });
  }
}

async function refresh(session: Session): Promise<void> {
  await session.inbox.now();
  await session.thread?.now();
  await session.thread?.learnCustomer();
}

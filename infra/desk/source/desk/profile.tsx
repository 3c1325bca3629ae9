/** The customer: name, tags, the ways to reach them and what proves each, who they may be as well, and what was linked. */
import { useState } from "preact/hooks";
import { explain } from "../api/call.js";
import type { Conversation, Customer, Identity, Link, Suggestion } from "../api/types.js";
import { channelName, clock, word, wordFor } from "../language/language.js";
import type { Thread } from "../live/thread.js";
import { ChannelIcon, Icon } from "./icons.js";
import { MergeDialog, UnlinkDialog } from "./merge_dialogs.js";
import { useSession } from "./session.js";

type Asked = { merge: true; into?: string } | { unlink: Identity } | null;

export function Profile({ thread, conversation }: { thread: Thread; conversation: Conversation }) {
  const session = useSession();
  const [asked, setAsked] = useState<Asked>(null);
  const { customer } = thread;
  if (!customer) return null;

  const act = async (work: Promise<unknown>): Promise<void> => {
    try {
      await work;
      await Promise.all([thread.now(), session.inbox.learnCustomer(customer.id)]);
      await thread.learnCustomer();
    } catch (error) {
      session.set({ notice: { text: `${word("refused")}: ${explain(error)}` } });
    }
  };
  const close = (): void => setAsked(null);

  return (
    <aside class="profile" id="profile" aria-label={word("customer")} tabIndex={0}>
      <Name customer={customer} save={(name) => void act(session.api.changeCustomer(customer.id, { name }))} />
      <Tags
        id="customer-tags"
        title={word("tags")}
        tags={customer.tags}
        save={(tags) => void act(session.api.changeCustomer(customer.id, { tags }))}
      />
      <Tags
        id="conversation-tags"
        title={word("conversationTags")}
        tags={conversation.tags ?? []}
        save={(tags) => void act(session.api.changeConversation(conversation.id, { tags }))}
      />
      <section>
        <h3>{word("identities")}</h3>
        <ul class="identities">
          {customer.identities.map((identity) => (
            <Way
              key={identity.id}
              identity={identity}
              link={customer.links?.find((link) => link.id === identity.link_id && !link.undone_at)}
              unlink={() => setAsked({ unlink: identity })}
            />
          ))}
        </ul>
        <button type="button" id="merge" onClick={() => setAsked({ merge: true })}>
          {word("merge")}
        </button>
      </section>
      <Suggestions suggestions={customer.suggestions ?? []} merge={(into) => setAsked({ merge: true, into })} />
      <Attributes attributes={customer.attributes} />
      <Links links={customer.links ?? []} identities={customer.identities} />
      {asked && "merge" in asked && <MergeDialog customer={customer} into={asked.into} close={close} />}
      {asked && "unlink" in asked && <UnlinkDialog customer={customer} identity={asked.unlink} close={close} />}
    </aside>
  );
}

function Name({ customer, save }: { customer: Customer; save: (name: string) => void }) {
  const [name, setName] = useState<string | null>(null);
  const shown = name ?? customer.name ?? "";
  return (
    <form
      class="name-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (shown.trim()) save(shown.trim());
        setName(null);
      }}
    >
      <label>
        <span>{word("name")}</span>
        <input id="customer-name" value={shown} maxLength={200} onInput={(event) => setName(event.currentTarget.value)} />
      </label>
      {name !== null && name !== (customer.name ?? "") && <button type="submit">{word("saveName")}</button>}
    </form>
  );
}

interface TagsProps {
  id: string;
  title: string;
  tags: string[];
  save: (tags: string[]) => void;
}

function Tags({ id, title, tags, save }: TagsProps) {
  const [text, setText] = useState("");
  return (
    <section>
      <h3>{title}</h3>
      <ul class="tags" id={id}>
        {tags.map((tag) => (
          <li class="tag" key={tag}>
            {tag}
            <button
              type="button"
              class="icon-button"
              aria-label={word("removeTag", { tag })}
              onClick={() => save(tags.filter((each) => each !== tag))}
            >
              <Icon name="close" />
            </button>
          </li>
        ))}
      </ul>
      <form
        class="tag-form"
        onSubmit={(event) => {
          event.preventDefault();
          const tag = text.trim();
          if (tag && !tags.includes(tag)) save([...tags, tag]);
          setText("");
        }}
      >
        <input
          value={text}
          maxLength={60}
          aria-label={`${title}: ${word("addTag")}`}
          placeholder={word("addTag")}
          onInput={(event) => setText(event.currentTarget.value)}
        />
      </form>
    </section>
  );
}

function Way({ identity, link, unlink }: { identity: Identity; link: Link | undefined; unlink: () => void }) {
  return (
    <li class="identity">
      <ChannelIcon channel={identity.channel} />
      <div>
        <p class="identity-name">
          {channelName(identity.channel)} <span class="quiet">{identity.name}</span>
        </p>
        <p class="quiet address">{identity.external_id}</p>
        <p class={`evidence evidence-${identity.verification}`}>
          {wordFor("verification", identity.verification)}
          {identity.status !== "active" && <span class="bad"> · {wordFor("status", identity.status)}</span>}
        </p>
        {link && (
          <p class="quiet small">
            {linkText(link)}
            <button
              type="button"
              class="quiet"
              aria-label={word("unlinkName", { channel: channelName(identity.channel) })}
              onClick={unlink}
            >
              {word("unlink")}
            </button>
          </p>
        )}
      </div>
    </li>
  );
}

function linkText(link: Link): string {
  const by = wordFor("by", link.by.type ?? "system");
  return word("linkedBy", { evidence: wordFor("evidence", link.evidence), time: clock(link.at), by });
}

function Suggestions({ suggestions, merge }: { suggestions: Suggestion[]; merge: (into: string) => void }) {
  const session = useSession();
  if (!suggestions.length) return null;
  return (
    <section class="suggestions">
      <h3>{word("suggestions")}</h3>
      <ul>
        {suggestions.map((each) => {
          const name = session.inbox.name(each.customer_id);
          const values = { kind: channelName(each.kind), value: each.value, name };
          return (
            <li key={each.customer_id + each.value}>
              <p>
                <strong>{name}</strong>
                <br />
                <span class="small">{word(each.proven ? "suggestionProven" : "suggestion", values)}</span>
              </p>
              <button type="button" onClick={() => merge(each.customer_id)}>
                {word("mergeThis")}
              </button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function Attributes({ attributes }: { attributes: Record<string, unknown> }) {
  const names = Object.keys(attributes);
  if (!names.length) return null;
  return (
    <section>
      <h3>{word("attributes")}</h3>
      <dl class="attributes">
        {names.map((name) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{typeof attributes[name] === "string" ? attributes[name] : JSON.stringify(attributes[name])}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

/** Every link, those taken back too. */
function Links({ links, identities }: { links: Link[]; identities: Identity[] }) {
  return (
    <section>
      <h3>{word("links")}</h3>
      {!links.length && <p class="quiet">{word("noLinks")}</p>}
      <ol class="links">
        {links.map((link) => (
          <li key={link.id} class={link.undone_at ? "undone" : ""}>
            {identities
              .filter((identity) => link.identity_ids.includes(identity.id))
              .map((identity) => (
                <ChannelIcon channel={identity.channel} named key={identity.id} />
              ))}
            <span>{linkText(link)}</span>
            {link.undone_at && <span class="bad"> {word("undone", { time: clock(link.undone_at) })}</span>}
          </li>
        ))}
      </ol>
    </section>
  );
}

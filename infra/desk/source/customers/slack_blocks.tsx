/** Slack's mrkdwn and Block Kit; as little of them as it takes to see what was sent. */
import type { ComponentChildren } from "preact";
import { SafeLink, safeAddress } from "../desk/parts.js";
import { word } from "../language/language.js";

const MARKS = /```([\s\S]+?)```|`([^`\n]+)`|<([^<>]+)>|(?<!\w)\*([^*\n]+)\*(?!\w)|(?<!\w)_([^_\n]+)_(?!\w)|(?<!\w)~([^~\n]+)~(?!\w)/g;
const ONLY_BRACKETS = /<([^<>]+)>/g;

export type Names = Record<string, string>;
export type Tap = (action: { block_id?: string; action_id?: string; value?: string }) => void;

interface TextObject {
  type: string;
  text: string;
}

interface Element {
  type: string;
  text?: TextObject;
  url?: string;
  action_id?: string;
  options?: { value: string; text: TextObject }[];
  placeholder?: TextObject;
  image_url?: string;
  alt_text?: string;
}

export interface Block {
  type: string;
  block_id?: string;
  text?: TextObject | string;
  fields?: TextObject[];
  accessory?: Element;
  elements?: Element[];
  image_url?: string;
  alt_text?: string;
  title?: TextObject;
}

const unescaped = (text: string): string => text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

function Reference({ inside, names }: { inside: string; names: Names }) {
  const bar = inside.indexOf("|");
  const target = bar < 0 ? inside : inside.slice(0, bar);
  const label = bar < 0 ? "" : unescaped(inside.slice(bar + 1));
  const id = target.slice(1);
  if (target.startsWith("@")) return <span class="mention">@{names[id] || label || id}</span>;
  if (target.startsWith("#")) return <span class="mention">#{names[id] || label || id}</span>;
  if (target.startsWith("!")) return <span class="mention">{label || `@${id}`}</span>;
  return <SafeLink address={unescaped(target)}>{label || unescaped(target)}</SafeLink>;
}

function pieces(text: string, names: Names, formatted: boolean): ComponentChildren[] {
  const made: ComponentChildren[] = [];
  let end = 0;
  for (const found of text.matchAll(formatted ? MARKS : ONLY_BRACKETS)) {
    made.push(unescaped(text.slice(end, found.index)));
    made.push(formatted ? marked(found, names) : <Reference inside={found[1] ?? ""} names={names} />);
    end = found.index + found[0].length;
  }
  return [...made, unescaped(text.slice(end))];
}

function marked([, block, code, bracket, bold, italic, strike]: RegExpMatchArray, names: Names): ComponentChildren {
  if (block) return <pre>{unescaped(block)}</pre>;
  if (code) return <code>{unescaped(code)}</code>;
  if (bracket) return <Reference inside={bracket} names={names} />;
  if (bold) return <strong>{pieces(bold, names, true)}</strong>;
  if (italic) return <em>{pieces(italic, names, true)}</em>;
  return <s>{pieces(strike ?? "", names, true)}</s>;
}

/** A text in Slack's form. `formatted`: with bold and its like; people's own come as rich text and are shown as typed. */
export function SlackText({ text, names, formatted = true }: { text: string; names: Names; formatted?: boolean }) {
  return <div class="text">{pieces(text, names, formatted)}</div>;
}

function Words({ object, names }: { object: TextObject | string | undefined; names: Names }) {
  if (!object) return null;
  if (typeof object === "string") return <div class="text">{object}</div>;
  return object.type === "mrkdwn" ? <SlackText text={object.text} names={names} /> : <div class="text">{object.text}</div>;
}

/** A picture of this machine is shown; of others the page may load nothing, so they are linked. */
function Picture({ image }: { image: Element | Block }) {
  const address = safeAddress(image.image_url ?? "", ["http:", "https:"]);
  const near = address && new URL(address).hostname === location.hostname;
  if (near) return <img src={address} alt={image.alt_text ?? word("picture")} />;
  return <SafeLink address={image.image_url ?? ""}>{`[${word("picture")}] ${image.alt_text ?? ""}`}</SafeLink>;
}

function Control({ element, tap }: { element: Element; tap: Tap }) {
  const title = element.text?.text ?? "";
  if (element.type === "button" && element.url) return <SafeLink address={element.url}>{title}</SafeLink>;
  if (element.type === "button") {
    return (
      <button type="button" onClick={() => tap({ action_id: element.action_id })}>
        {title}
      </button>
    );
  }
  if (element.options) {
    const label = element.placeholder?.text || word("choices");
    return (
      <select
        aria-label={label}
        onChange={(event) => event.currentTarget.value && tap({ action_id: element.action_id, value: event.currentTarget.value })}
      >
        <option value="">{label}</option>
        {element.options.map((option) => (
          <option value={option.value} key={option.value}>
            {option.text.text}
          </option>
        ))}
      </select>
    );
  }
  return element.type === "image" ? <Picture image={element} /> : <span class="quiet">[{element.type}]</span>;
}

function Inside({ block, names, tap }: { block: Block; names: Names; tap: Tap }): ComponentChildren {
  switch (block.type) {
    case "section":
      return (
        <>
          <Words object={block.text} names={names} />
          {block.fields?.map((field, index) => <Words object={field} names={names} key={index} />)}
          {block.accessory && <Control element={block.accessory} tap={tap} />}
        </>
      );
    case "header":
      return <strong>{typeof block.text === "object" ? block.text.text : ""}</strong>;
    case "divider":
      return <hr />;
    case "image":
      return <Picture image={block} />;
    case "context":
      return block.elements?.map((one, index) =>
        one.type === "image" ? (
          <Picture image={one} key={index} />
        ) : (
          <div class="quiet small" key={index}>
            <Words object={one as unknown as TextObject} names={names} />
          </div>
        ),
      );
    case "actions":
      return (
        <div class="actions">
          {block.elements?.map((one, index) => (
            <Control element={one} tap={tap} key={index} />
          ))}
        </div>
      );
    case "markdown":
      return <Words object={block.text} names={names} />;
    default:
      return <span class="quiet">[{block.type}]</span>;
  }
}

/** `tap(action)` is told what was pressed or chosen. */
export function Blocks({ blocks, names, tap }: { blocks: Block[]; names: Names; tap: Tap }) {
  return (
    <>
      {blocks.map((block, index) => (
        <div class="block" key={block.block_id ?? index}>
          <Inside block={block} names={names} tap={(action) => tap({ block_id: block.block_id, ...action })} />
        </div>
      ))}
    </>
  );
}

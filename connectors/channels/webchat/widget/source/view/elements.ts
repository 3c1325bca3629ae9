// Making elements. Nothing here or anywhere else reads markup: texts become text nodes, and nothing more.

export type Child = Node | string | false | null | undefined | 0;
type Value = string | number | boolean | undefined | ((event: never) => void);

/** `on…` are listeners, true is an attribute without a value, false and undefined are none. A button submits nothing
 * unless it says so. */
export function h<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Record<string, Value> = {},
  ...children: Child[]
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  if (name === "button") element.setAttribute("type", "button");
  for (const [attribute, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(attribute.slice(2), value as EventListener);
    else if (value !== undefined && value !== false) element.setAttribute(attribute, value === true ? "" : String(value));
  }
  element.append(...children.filter((child): child is Node | string => Boolean(child)));
  return element;
}

export function svg(size: number, path: string, kind: string): SVGElement {
  const [picture, line] = ["svg", "path"].map((name) => document.createElementNS("http://www.w3.org/2000/svg", name)) as [SVGElement, SVGElement];
  picture.setAttribute("viewBox", `0 0 ${size} ${size}`);
  picture.setAttribute("class", kind);
  picture.setAttribute("aria-hidden", "true");
  line.setAttribute("d", path);
  picture.append(line);
  return picture;
}

/** Lines on 24 by 24. */
const ICONS = {
  chat: "M21 12a9 9 0 0 1-13 8l-5 1 1-5A9 9 0 1 1 21 12Z",
  close: "M18 6 6 18M6 6l12 12",
  send: "M12 19V5m-6 6 6-6 6 6",
  attach: "M12 5v14M5 12h14",
  phone: "M7 3h10v18H7ZM11 18h2",
  back: "m15 6-6 6 6 6",
  file: "M14 3H5v18h14V8Z",
  queued: "M12 7v5h4m5 0A9 9 0 1 1 3 12a9 9 0 0 1 18 0Z",
  sent: "m5 12 5 5 9-9",
  delivered: "m2 12 5 5 9-9m-4 8 1 1 9-9",
};

export type Icon = keyof typeof ICONS;

export function icon(name: Icon): SVGElement {
  return svg(24, ICONS[name], `icon ${name}`);
}

export function hidden(text: string): HTMLElement {
  return h("span", { class: "hidden" }, text);
}

/** A button that is a picture, with its words for those who do not see it. */
export function iconButton(name: Icon, label: string, onclick?: () => void): HTMLButtonElement {
  return h("button", { type: !onclick && "submit", class: name, "aria-label": label, title: label, onclick }, icon(name));
}

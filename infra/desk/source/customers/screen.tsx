/** What all phones have: a screen that stays at its end, and a problem below. */
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { word } from "../language/language.js";

export function Screen({ id, children }: { id: string; children: ComponentChildren }) {
  const list = useRef<HTMLDivElement>(null);
  const bottom = useRef(true);
  useLayoutEffect(() => {
    if (list.current && bottom.current) list.current.scrollTop = list.current.scrollHeight;
  });
  return (
    <div
      id={id}
      class="screen"
      ref={list}
      role="log"
      aria-label={word("messages")}
      tabIndex={0}
      onScroll={(event) => {
        const { scrollHeight, scrollTop, clientHeight } = event.currentTarget;
        bottom.current = scrollHeight - scrollTop - clientHeight < 80;
      }}
    >
      <ol>{children}</ol>
    </div>
  );
}

export function Problem({ text }: { text: string }) {
  return (
    <p class="problem" role="alert">
      {text}
    </p>
  );
}

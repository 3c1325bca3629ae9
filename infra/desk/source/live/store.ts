/** State that components watch. */
import { useLayoutEffect, useState } from "preact/hooks";

export class Store {
  private readonly listeners = new Set<() => void>();

  watch(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  protected changed(): void {
    for (const listener of [...this.listeners]) listener();
  }
}

/** Renders the component again whenever the store changes. It watches from the moment it is drawn: what changes right after
 * that is not missed. */
export function useStore<S extends Store>(store: S): S {
  const [, render] = useState(0);
  useLayoutEffect(() => store.watch(() => render((count) => count + 1)), [store]);
  return store;
}

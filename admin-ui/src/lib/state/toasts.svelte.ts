// Short messages at the window's edge; an action such as "Undo" keeps one longer.
import { explain } from '$lib/api/errors';

export type ToastKind = 'good' | 'info' | 'danger';

export interface Toast {
  id: number;
  kind: ToastKind;
  message: string;
  action?: { label: string; run: () => unknown };
}

/** How long a toast stays, and how long one that offers an action, in milliseconds. */
const STAY_MS = 4_500;
const STAY_WITH_ACTION_MS = 9_000;
/** How many are shown at once. */
const SHOWN_MAX = 4;

class Toasts {
  list = $state.raw<readonly Toast[]>([]);
  #last = 0;
  #timers = new Map<number, ReturnType<typeof setTimeout>>();

  show(message: string, { kind = 'info', action }: { kind?: ToastKind; action?: Toast['action'] } = {}): number {
    const id = ++this.#last;
    this.list = [...this.list, { id, kind, message, ...(action && { action }) }].slice(-SHOWN_MAX);
    this.resume(id);
    return id;
  }

  good(message: string, action?: Toast['action']): number {
    return this.show(message, { kind: 'good', ...(action && { action }) });
  }

  /** Says what went wrong; nothing for requests that were given up on purpose. */
  fail(error: unknown): void {
    const { message, fields, isAborted } = explain(error);
    if (isAborted) return;
    const [path, fault] = Object.entries(fields)[0] ?? [];
    this.show(fault ? `${message} ${path}: ${fault}` : message, { kind: 'danger' });
  }

  close(id: number): void {
    this.pause(id);
    this.list = this.list.filter((toast) => toast.id !== id);
  }

  /** Keeps a toast while somebody reads it. */
  pause(id: number): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
  }

  resume(id: number): void {
    this.pause(id);
    const toast = this.list.find((one) => one.id === id);
    if (!toast) return;
    const stay = toast.action || toast.kind === 'danger' ? STAY_WITH_ACTION_MS : STAY_MS;
    this.#timers.set(
      id,
      setTimeout(() => this.close(id), stay),
    );
  }
}

export const toasts = new Toasts();

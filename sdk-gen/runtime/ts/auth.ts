// Who is signed in, and where that is kept.

/** What is kept of a sign-in. */
export interface Saved<R> {
  token: string;
  record: R;
}

/** Where a sign-in is kept. */
export interface AuthStorage<R> {
  load(): Saved<R> | null;
  save(saved: Saved<R> | null): void;
  /** Hears of changes made elsewhere, as in another tab. */
  watch?(changed: () => void): void;
}

/** Keeps it for as long as the program runs. */
export function memoryStorage<R>(): AuthStorage<R> {
  let kept: Saved<R> | null = null;
  return { load: () => kept, save: (saved) => void (kept = saved) };
}

interface WebStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

interface Window {
  localStorage?: WebStorage;
  addEventListener?(name: 'storage', listener: (event: { key: string | null }) => void): void;
}

/** Keeps it in the browser, for all tabs; in memory where there is no `localStorage`. */
export function browserStorage<R>(key = 'bakend_auth'): AuthStorage<R> {
  const window = globalThis as Window;
  const web = found(window);
  if (!web) return memoryStorage();
  return {
    load() {
      try {
        const saved = JSON.parse(web.getItem(key) ?? 'null') as Partial<Saved<R>> | null;
        return typeof saved?.token === 'string' && typeof saved.record === 'object' ? (saved as Saved<R>) : null;
      } catch {
        return null;
      }
    },
    save(saved) {
      if (saved) web.setItem(key, JSON.stringify(saved));
      else web.removeItem(key);
    },
    watch(changed) {
      window.addEventListener?.('storage', (event) => {
        if (event.key === key || event.key === null) changed();
      });
    },
  };
}

/** Only asking for it fails where a browser forbids it; Node 25 and later have an object that does nothing. */
function found(window: Window): WebStorage | undefined {
  try {
    const web = window.localStorage;
    return typeof web?.getItem === 'function' ? web : undefined;
  } catch {
    return undefined;
  }
}

/** Hears who is signed in from now on. */
export type AuthListener<R> = (saved: Saved<R> | null) => void;

/** Who is signed in. */
export class Auth<R> {
  readonly #storage: AuthStorage<R>;
  readonly #listeners = new Set<AuthListener<R>>();

  constructor(storage: AuthStorage<R>) {
    this.#storage = storage;
    storage.watch?.(() => this.#tell());
  }

  get token(): string | null {
    return this.#storage.load()?.token ?? null;
  }

  get record(): R | null {
    return this.#storage.load()?.record ?? null;
  }

  /** Whether there is a token that has not ended by this machine's clock; the server may know better. */
  get isValid(): boolean {
    const token = this.token;
    return token !== null && endOf(token) > Date.now();
  }

  save(saved: Saved<R>): void {
    this.#storage.save({ token: saved.token, record: saved.record });
    this.#tell();
  }

  /** Forgets who is signed in; to end the session on the server too, use `$signOut`. */
  clear(): void {
    this.#storage.save(null);
    this.#tell();
  }

  /** Calls with every change, and with `isNow` at once. Returns what ends it. */
  onChange(listener: AuthListener<R>, isNow = false): () => void {
    this.#listeners.add(listener);
    if (isNow) listener(this.#storage.load());
    return () => void this.#listeners.delete(listener);
  }

  #tell(): void {
    const saved = this.#storage.load();
    for (const listener of [...this.#listeners]) listener(saved);
  }
}

/** When a token ends, in milliseconds; API keys and what else tells no end are good for now. */
function endOf(token: string): number {
  const claims = token.split('.')[1];
  if (!claims) return token ? Infinity : 0;
  try {
    const { exp } = JSON.parse(atob(claims.replace(/-/g, '+').replace(/_/g, '/'))) as { exp?: unknown };
    return typeof exp === 'number' ? exp * 1000 : Infinity;
  } catch {
    return 0;
  }
}

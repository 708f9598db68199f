// The settings as they were loaded or saved last; the app's name and colour are used all over the panel.
import { pb } from '$lib/api/client';
import type { Settings } from '$lib/api/types';
import { theme } from './theme.svelte';

/** The app's name, remembered for the sign-in page. */
const NAME = 'bakend_app_name';

class SettingsState {
  all = $state.raw<Settings>();
  error = $state.raw<unknown>();
  #name = $state(localStorage.getItem(NAME) ?? '');

  get appName(): string {
    return this.all?.meta.appName || this.#name || 'bakend';
  }

  /** Whether what changes collections is hidden, as the settings ask. */
  get hidesControls(): boolean {
    return this.all?.meta.hideControls ?? false;
  }

  async load(): Promise<void> {
    try {
      this.take((await pb.settings.getAll()) as Settings);
      this.error = undefined;
    } catch (error) {
      this.error = error;
    }
  }

  /** Saves a part; what is left out stays. Throws what the server says. */
  async save(part: Record<string, unknown>): Promise<Settings> {
    const saved = (await pb.settings.update(part)) as Settings;
    this.take(saved);
    return saved;
  }

  take(all: Settings): void {
    this.all = all;
    this.#name = all.meta.appName;
    localStorage.setItem(NAME, all.meta.appName);
    theme.setAccent(all.meta.accentColor);
  }
}

export const settings = new SettingsState();

// A part of the settings while it is being edited: what was loaded, what it became, what the server said about it.
import { explain, type Explained } from '$lib/api/errors';
import { settings } from '$lib/state/settings.svelte';
import { toasts } from '$lib/state/toasts.svelte';
import { differing, follow, undoing, type Part } from './parts';
import type { AllSettings } from './types';

export class SettingsDraft<K extends keyof AllSettings> {
  values = $state() as Pick<AllSettings, K>;
  fault = $state.raw<Explained>();
  isSaving = $state(false);
  #saved = $state.raw<Part>({});
  #areas: readonly K[];
  /** Only what was changed is sent, so that what others change meanwhile stays. */
  #changes: Part = $derived.by(() => differing(this.#saved, this.values));
  isDirty = $derived(Object.keys(this.#changes).length > 0);

  /** Call it once the settings are loaded. */
  constructor(...areas: K[]) {
    this.#areas = areas;
    this.reset();
  }

  reset = (): void => {
    this.#saved = this.#stored();
    this.values = structuredClone(this.#saved) as Pick<AllSettings, K>;
    this.fault = undefined;
  };

  /** Takes over what was changed elsewhere, except where something was typed. */
  follow = (before: Part = this.#saved): void => {
    const theirs = this.#stored();
    follow(this.values, before, theirs);
    this.#saved = theirs;
  };

  save = async (): Promise<boolean> => {
    this.isSaving = true;
    const [values, sent] = $state.snapshot([this.values, this.#changes]) as [Part, Part];
    const undo = undoing(this.#saved, sent);
    try {
      await settings.save(sent);
      this.fault = undefined;
      this.follow(values);
      toasts.good('Settings saved', { label: 'Undo', run: () => this.#restore(undo) });
      return true;
    } catch (error) {
      this.fault = explain(error);
      return false;
    } finally {
      this.isSaving = false;
    }
  };

  /** Puts back what was there; secrets, which nobody knows, stay as they were saved last. */
  async #restore(before: Part): Promise<void> {
    try {
      await settings.save(before);
      this.follow();
    } catch (error) {
      toasts.fail(error);
    }
  }

  #stored(): Part {
    const all = settings.all as AllSettings;
    return structuredClone(Object.fromEntries(this.#areas.map((area) => [area, all[area]])));
  }
}

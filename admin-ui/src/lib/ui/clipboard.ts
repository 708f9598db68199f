// Copies text, and says so.
import { toasts } from '$lib/state/toasts.svelte';

export async function copy(text: string, what = 'Copied to the clipboard.'): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    toasts.show(what);
    return true;
  } catch {
    toasts.show('The browser does not allow copying here (it needs HTTPS or localhost).', { kind: 'danger' });
    return false;
  }
}

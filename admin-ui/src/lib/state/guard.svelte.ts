// Keeps what is not saved yet from being lost by leaving the page: asks first.
import { beforeNavigate, goto } from '$app/navigation';
import { pathOf } from '$lib/links';
import { confirmDiscard } from './confirm.svelte';
import { session } from './session.svelte';
import { keepUnsaved } from './unsaved';

/** Call it while a page is set up. What it gives lets the next navigation pass. */
export function guardChanges(isChanged: () => boolean): { letPass: () => void } {
  let mayPass = false;
  keepUnsaved(isChanged);
  beforeNavigate(async (going) => {
    if (mayPass || !isChanged() || session.left === 'signed out') return;
    // Another tab of the same page loses nothing.
    if (going.from && going.to && pathOf(going.from.url) === pathOf(going.to.url)) return;
    going.cancel();
    if (going.willUnload || !going.to) return;
    const { url } = going.to;
    if (!(await confirmDiscard())) return;
    mayPass = true;
    await goto(url.hash);
  });
  return { letPass: () => (mayPass = true) };
}

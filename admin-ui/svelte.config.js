import adapter from '@sveltejs/adapter-static';
import { vitePreprocess } from '@sveltejs/vite-plugin-svelte';

/** @type {import('@sveltejs/kit').Config} */
export default {
  preprocess: vitePreprocess(),
  compilerOptions: { runes: true },
  kit: {
    // The built panel is committed and embedded in the server's binary.
    adapter: adapter({ pages: '../bakend/admin', assets: '../bakend/admin' }),
    paths: { base: '/_', relative: false },
    // PocketBase's links (`/_/#/pbinstall/TOKEN`) are hash routes; so the server needs no fallback.
    router: { type: 'hash' },
    // The clients that bakend generates for apps; the panel uses their realtime part.
    alias: { $sdk: '../sdk-gen/runtime/ts' },
    // The same sources give the same bytes, whenever they are built.
    version: { name: 'panel', pollInterval: 0 },
    output: { bundleStrategy: 'split' },
  },
};

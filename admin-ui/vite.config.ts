import { sveltekit } from '@sveltejs/kit/vite';
import { loadEnv } from 'vite';
import { defineConfig } from 'vitest/config';
import { licenses } from './scripts/licenses.mjs';

const server = loadEnv('', '.', 'BAK_')['BAK_URL'] ?? 'http://127.0.0.1:8090';

export default defineConfig({
  plugins: [sveltekit(), licenses(['@fontsource-variable/inter'])],
  build: { target: 'es2022', sourcemap: false, assetsInlineLimit: 0 },
  server: { proxy: { '/api': { target: server, changeOrigin: true, ws: true } } },
  test: { include: ['src/**/*.test.ts'], environment: 'node' },
});

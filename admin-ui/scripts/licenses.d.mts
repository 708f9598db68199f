import type { Plugin } from 'vite';

export function licenses(more?: string[]): Plugin;

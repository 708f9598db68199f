// The registry of pages. The side bar, the command palette, the shortcuts' help and the phone's navigation are made of it;
// a new page is a route and an entry here.
import { settings } from '$lib/state/settings.svelte';
import type { Component } from 'svelte';
import AppWindow from '@lucide/svelte/icons/app-window';
import ArrowRightLeft from '@lucide/svelte/icons/arrow-right-left';
import Cable from '@lucide/svelte/icons/cable';
import Database from '@lucide/svelte/icons/database';
import FlaskConical from '@lucide/svelte/icons/flask-conical';
import Gauge from '@lucide/svelte/icons/gauge';
import HardDrive from '@lucide/svelte/icons/hard-drive';
import KeyRound from '@lucide/svelte/icons/key-round';
import Mail from '@lucide/svelte/icons/mail';
import MessagesSquare from '@lucide/svelte/icons/messages-square';
import Network from '@lucide/svelte/icons/network';
import Radio from '@lucide/svelte/icons/radio';
import ShieldUser from '@lucide/svelte/icons/shield-user';
import Timer from '@lucide/svelte/icons/timer';
import Workflow from '@lucide/svelte/icons/workflow';

export type Section = 'data' | 'tools' | 'operate' | 'settings';

export interface PanelPage {
  id: string;
  title: string;
  icon: Component<{ size?: number | string }>;
  /** Below `#`. */
  path: string;
  section: Section;
  /** Two keys, one after the other. */
  shortcut?: string;
  /** Other words it is found by. */
  words?: string;
  /** Whether the address belongs to this page; otherwise: it begins with its path. */
  covers?: (path: string) => boolean;
  /** Whether it is shown now; otherwise: always. */
  when?: () => boolean;
}

export const SECTIONS: Record<Section, string> = {
  data: 'Data',
  tools: 'Tools',
  operate: 'Operate',
  settings: 'Settings',
};

export const PAGES: readonly PanelPage[] = [
  {
    id: 'collections',
    title: 'Collections',
    icon: Database,
    path: '/collections',
    section: 'data',
    shortcut: 'g c',
    words: 'tables records data',
  },
  {
    id: 'import-export',
    title: 'Import and export',
    icon: ArrowRightLeft,
    path: '/import-export',
    section: 'tools',
    words: 'json schema collections backup copy',
  },
  {
    id: 'schema',
    title: 'Diagram',
    icon: Workflow,
    path: '/schema',
    section: 'data',
    shortcut: 'g d',
    words: 'er schema relations graph',
  },
  {
    id: 'rules',
    title: 'Rule tester',
    icon: FlaskConical,
    path: '/rules',
    section: 'tools',
    shortcut: 'g r',
    words: 'access permissions allowed try sql plan',
  },
  {
    id: 'realtime',
    title: 'Realtime',
    icon: Radio,
    path: '/realtime',
    section: 'tools',
    shortcut: 'g t',
    words: 'events subscribe topics websocket inspector',
  },
  {
    id: 'api-keys',
    title: 'API keys',
    icon: KeyRound,
    path: '/api-keys',
    section: 'tools',
    shortcut: 'g k',
    words: 'tokens service programs scopes',
  },
  {
    id: 'storage',
    title: 'Storage',
    icon: HardDrive,
    path: '/storage',
    section: 'operate',
    shortcut: 'g s',
    words: 'files uploads pictures disk orphans',
  },
  {
    id: 'settings-application',
    title: 'Application',
    icon: AppWindow,
    path: '/settings/application',
    section: 'settings',
    shortcut: 'g ,',
    words: 'settings name address colour',
  },
  {
    id: 'settings-mail',
    title: 'Mail',
    icon: Mail,
    path: '/settings/mail',
    section: 'settings',
    words: 'settings smtp sender test',
  },
  {
    id: 'settings-storage',
    title: 'File storage',
    icon: Cable,
    path: '/settings/storage',
    section: 'settings',
    words: 'settings s3 bucket files',
  },
  {
    id: 'settings-limits',
    title: 'Limits',
    icon: Gauge,
    path: '/settings/limits',
    section: 'settings',
    words: 'settings rate limits batch',
  },
  {
    id: 'settings-network',
    title: 'Network',
    icon: Network,
    path: '/settings/network',
    section: 'settings',
    words: 'settings trusted proxy headers superuser ip addresses',
  },
  {
    id: 'settings-realtime',
    title: 'Channels',
    icon: MessagesSquare,
    path: '/settings/realtime',
    section: 'settings',
    words: 'settings channels changelog',
  },
  {
    id: 'settings-tokens',
    title: 'Tokens',
    icon: Timer,
    path: '/settings/tokens',
    section: 'settings',
    words: 'settings tokens sessions durations sign out everybody',
  },
  {
    id: 'superusers',
    title: 'Superusers',
    icon: ShieldUser,
    path: '/collections/_superusers',
    section: 'settings',
    words: 'settings administrators accounts',
  },
];

export function visiblePages(): readonly PanelPage[] {
  return PAGES.filter((page) => page.when?.() ?? true);
}

/** The page that an address belongs to: the one with the longest path that fits. */
export function pageAt(path: string): PanelPage | undefined {
  const fits = (page: PanelPage) => page.covers?.(path) ?? (path === page.path || path.startsWith(`${page.path}/`));
  return PAGES.filter(fits).sort((a, b) => b.path.length - a.path.length)[0];
}

/** What the window is called. */
export function documentTitle(title: string): string {
  return title ? `${title} · ${settings.appName}` : settings.appName;
}

// What a menu holds.
import type { Component } from 'svelte';

export interface MenuItem {
  label: string;
  icon?: Component<{ size?: number | string }>;
  /** What it does; or where it leads. */
  onselect?: () => void;
  href?: string;
  danger?: boolean;
  disabled?: boolean;
  /** Shows a tick; the item is one that is on or off. */
  checked?: boolean;
  /** Stands at the right end: a shortcut, a count. */
  aside?: string;
  /** A line above it. */
  separated?: boolean;
}

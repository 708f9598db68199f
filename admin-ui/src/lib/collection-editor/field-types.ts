// The types of fields: what they are called, their icon, and a new field of each.
import Braces from '@lucide/svelte/icons/braces';
import CalendarClock from '@lucide/svelte/icons/calendar-clock';
import CalendarDays from '@lucide/svelte/icons/calendar-days';
import FileImage from '@lucide/svelte/icons/file-image';
import Hash from '@lucide/svelte/icons/hash';
import KeyRound from '@lucide/svelte/icons/key-round';
import Link from '@lucide/svelte/icons/link';
import ListChecks from '@lucide/svelte/icons/list-checks';
import Mail from '@lucide/svelte/icons/mail';
import MapPin from '@lucide/svelte/icons/map-pin';
import Pilcrow from '@lucide/svelte/icons/pilcrow';
import ToggleLeft from '@lucide/svelte/icons/toggle-left';
import Type from '@lucide/svelte/icons/type';
import Waypoints from '@lucide/svelte/icons/waypoints';
import type { Component } from 'svelte';
import { blankField } from './blank';
import type { AnyField, FieldType } from './model';

interface Kind {
  label: string;
  text: string;
  icon: Component<{ size?: number | string }>;
}

export const FIELD_TYPES: Record<FieldType, Kind> = {
  text: { label: 'Plain text', text: 'Names, titles, codes', icon: Type },
  editor: { label: 'Rich text', text: 'Text with formatting', icon: Pilcrow },
  number: { label: 'Number', text: 'Whole or decimal', icon: Hash },
  bool: { label: 'Bool', text: 'Yes or no', icon: ToggleLeft },
  email: { label: 'Email', text: 'A checked address', icon: Mail },
  url: { label: 'URL', text: 'A checked link', icon: Link },
  date: { label: 'Date', text: 'Date and time', icon: CalendarDays },
  autodate: { label: 'Autodate', text: 'Set on create or update', icon: CalendarClock },
  select: { label: 'Select', text: 'One or more of a list', icon: ListChecks },
  file: { label: 'File', text: 'Uploads with previews', icon: FileImage },
  relation: { label: 'Relation', text: 'Records of a collection', icon: Waypoints },
  json: { label: 'JSON', text: 'Any structure', icon: Braces },
  geoPoint: { label: 'Geo point', text: 'Longitude and latitude', icon: MapPin },
  password: { label: 'Password', text: 'Stored as a hash', icon: KeyRound },
};

/** In the order in which they are offered. */
export const TYPE_LIST = Object.entries(FIELD_TYPES).map(([type, kind]) => ({ type: type as FieldType, ...kind }));

/** A new field whose name is not yet taken. */
export function newField(type: FieldType, taken: readonly AnyField[]): AnyField {
  const field = blankField(type);
  field.name = freeName(type === 'autodate' ? 'created' : type, taken);
  return field;
}

/** `name`, or with a number behind it. */
export function freeName(name: string, taken: readonly { name: string }[]): string {
  const isTaken = (tried: string) => taken.some((one) => one.name.toLowerCase() === tried.toLowerCase());
  let tried = name;
  for (let number = 2; isTaken(tried); number++) tried = `${name}${number}`;
  return tried;
}

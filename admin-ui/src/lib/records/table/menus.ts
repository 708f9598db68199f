// What can be done with a row and with a column: the entries of their menus.
import ArrowDown from '@lucide/svelte/icons/arrow-down';
import ArrowLeft from '@lucide/svelte/icons/arrow-left';
import ArrowRight from '@lucide/svelte/icons/arrow-right';
import ArrowUp from '@lucide/svelte/icons/arrow-up';
import Braces from '@lucide/svelte/icons/braces';
import Copy from '@lucide/svelte/icons/copy';
import CopyPlus from '@lucide/svelte/icons/copy-plus';
import EyeOff from '@lucide/svelte/icons/eye-off';
import Fingerprint from '@lucide/svelte/icons/fingerprint-pattern';
import FilterIcon from '@lucide/svelte/icons/funnel';
import Link from '@lucide/svelte/icons/link';
import PanelRightOpen from '@lucide/svelte/icons/panel-right-open';
import Pencil from '@lucide/svelte/icons/pencil';
import StretchHorizontal from '@lucide/svelte/icons/stretch-horizontal';
import Trash from '@lucide/svelte/icons/trash-2';
import type { RecordModel } from '$lib/api/types';
import { href, path } from '$lib/links';
import { byIds } from '$lib/services/recordlist';
import { toasts } from '$lib/state/toasts.svelte';
import { copy } from '$lib/ui/clipboard';
import type { MenuItem } from '$lib/ui/menu';
import { nudged, withShown, withWidth, type CollectionField } from './columns';
import { editorOf, fitsOnLine } from './editing';
import type { Grid, Place } from './grid.svelte';
import { WIDER_PX } from './keys';
import { quote } from './filters';
import { isEmpty, plain } from './values';

/** What is done elsewhere than in the table. */
export interface Ways {
  duplicate: (id: string) => void;
  addFilter: (filter: string) => void;
}

export function rowItems(grid: Grid, place: Place, ways: Ways): MenuItem[] {
  const record = grid.rows.at(place.row);
  if (!record) return [];
  const { collection } = grid;
  const field = grid.columns[place.column - 1]?.field;
  const items: MenuItem[] = [{ label: 'Open', icon: PanelRightOpen, onselect: () => grid.open(record) }];
  if (field && editorOf(field, collection) && fitsOnLine(record[field.name])) {
    items.push({ label: `Edit ${field.name} here`, icon: Pencil, onselect: () => (grid.editing = place) });
  }
  if (collection.type !== 'view') {
    items.push({ label: 'Duplicate', icon: CopyPlus, onselect: () => ways.duplicate(record.id) });
  }
  items.push(...copyItems(grid, record, field));
  const filter = field && filterFor(field, record);
  if (filter) {
    const onselect = () => ways.addFilter(filter);
    items.push({ label: 'Only with this value', icon: FilterIcon, onselect, separated: true });
  }
  if (collection.type !== 'view') {
    const onselect = () => grid.remove([record.id]);
    items.push({ label: 'Delete', icon: Trash, danger: true, separated: true, onselect });
  }
  return items;
}

function copyItems({ collection }: Grid, record: RecordModel, field: CollectionField | undefined): MenuItem[] {
  const link = href(path`/collections/${collection.name}/records/${record.id}`);
  const items: MenuItem[] = [
    {
      label: 'Copy the id',
      icon: Fingerprint,
      separated: true,
      onselect: () => void copy(record.id, 'The id is in the clipboard.'),
    },
    {
      label: 'Copy as JSON',
      icon: Braces,
      onselect: () =>
        void byIds(collection, [record.id])
          .then(([whole]) => copy(JSON.stringify(whole ?? record, null, 2), 'The JSON is in the clipboard.'))
          .catch((error: unknown) => toasts.fail(error)),
    },
    {
      label: 'Copy a link to it',
      icon: Link,
      onselect: () => void copy(new URL(link, location.href).href, 'The link is in the clipboard.'),
    },
  ];
  if (field && field.name !== 'id' && !isEmpty(record[field.name], field.type)) {
    items.push({ label: `Copy ${field.name}`, icon: Copy, onselect: () => void copy(plain(record[field.name])) });
  }
  return items;
}

/** The filter for records that have the same value. */
function filterFor({ name, type }: CollectionField, record: RecordModel): string {
  const value: unknown = record[name];
  if (['bool', 'number'].includes(type)) return `${name} = ${String(value)}`;
  if (['text', 'email', 'url', 'date', 'autodate'].includes(type)) return `${name} = ${quote(plain(value))}`;
  if (!['select', 'relation'].includes(type)) return '';
  const first: unknown = Array.isArray(value) ? value[0] : value;
  if (Array.isArray(value) && !first) return `${name}:length = 0`;
  return `${name} ${Array.isArray(value) ? '?=' : '='} ${quote(plain(first))}`;
}

export function columnItems(grid: Grid, at: number): MenuItem[] {
  const column = grid.columns[at];
  if (!column) return [];
  const { name } = column.field;
  const { layout, collection } = grid;
  return [
    { label: 'Sort upwards', icon: ArrowUp, onselect: () => grid.setSort(name) },
    { label: 'Sort downwards', icon: ArrowDown, onselect: () => grid.setSort(`-${name}`) },
    {
      label: 'Wider',
      icon: StretchHorizontal,
      aside: 'Alt →',
      separated: true,
      onselect: () => grid.setLayout(withWidth(layout, name, column.width + 3 * WIDER_PX)),
    },
    {
      label: 'Narrower',
      icon: StretchHorizontal,
      aside: 'Alt ←',
      onselect: () => grid.setLayout(withWidth(layout, name, column.width - 3 * WIDER_PX)),
    },
    {
      label: 'Move left',
      icon: ArrowLeft,
      disabled: at === 0,
      onselect: () => grid.setLayout(nudged(collection, layout, name, -1)),
    },
    {
      label: 'Move right',
      icon: ArrowRight,
      disabled: at === grid.columns.length - 1,
      onselect: () => grid.setLayout(nudged(collection, layout, name, 1)),
    },
    {
      label: 'Hide',
      icon: EyeOff,
      disabled: name === 'id',
      separated: true,
      onselect: () => grid.setLayout(withShown(layout, name, false)),
    },
  ];
}

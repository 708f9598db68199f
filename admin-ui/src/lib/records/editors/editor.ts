// What every editor of a value is given.
import type { CollectionModel, RecordModel } from 'pocketbase';
import type { FieldModel } from '../fields';

export interface EditorProps {
  field: FieldModel;
  collection: CollectionModel;
  /** The record as the server has it; `undefined`: a new one. */
  record?: RecordModel | undefined;
  disabled?: boolean;
  /** What it is called where no label stands above it, as in a table's cell. */
  label?: string | undefined;
}

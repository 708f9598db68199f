// A field of each type with every option at its default, as the server writes it.
import type { AnyField, FieldType } from './model';

const COMMON = { id: '', name: '', system: false, hidden: false, presentable: false };
const DESCRIBED = { ...COMMON, required: false, help: '' };

export function blankField(type: FieldType): AnyField {
  switch (type) {
    case 'text':
      return { ...DESCRIBED, type, min: 0, max: 0, pattern: '', autogeneratePattern: '', primaryKey: false };
    case 'number':
      return { ...DESCRIBED, type, min: null, max: null, onlyInt: false };
    case 'email':
    case 'url':
      return { ...DESCRIBED, type, onlyDomains: [], exceptDomains: [] };
    case 'editor':
      return { ...DESCRIBED, type, maxSize: 0, convertURLs: false };
    case 'date':
      return { ...DESCRIBED, type, min: '', max: '' };
    case 'autodate':
      return { ...COMMON, type, onCreate: true, onUpdate: false };
    case 'select':
      return { ...DESCRIBED, type, values: [], maxSelect: 0 };
    case 'file':
      return { ...DESCRIBED, type, maxSelect: 0, maxSize: 0, mimeTypes: [], thumbs: [], protected: false };
    case 'relation':
      return { ...DESCRIBED, type, collectionId: '', cascadeDelete: false, minSelect: 0, maxSelect: 0 };
    case 'json':
      return { ...DESCRIBED, type, maxSize: 0 };
    case 'password':
      return { ...DESCRIBED, type, min: 0, max: 0, pattern: '', cost: 0 };
    case 'bool':
    case 'geoPoint':
      return { ...DESCRIBED, type };
  }
}

// Files before they are uploaded: what the field allows, and what they are called in lists.
import { bytesText } from '$lib/ui/bytes';
import { fileMaxBytes, isMultiple, type FieldModel } from './fields';

/** What is wrong with a file for this field; nothing: it may be uploaded. */
export function fileFault(field: FieldModel, file: Pick<File, 'size' | 'type' | 'name'>): string {
  const max = fileMaxBytes(field);
  if (file.size > max) return `“${file.name}” is ${bytesText(file.size)}; at most ${bytesText(max)} are allowed.`;
  const types = field.mimeTypes ?? [];
  // Browsers guess types by the name; where they know none, the server decides by what is in the file.
  if (types.length && file.type && !types.includes(file.type))
    return `“${file.name}” is of the type ${file.type}, which is not allowed.`;
  return '';
}

/** Takes the files that fit; for the others it says why not. `room`: how many more the field takes. */
export function sortFiles(
  field: FieldModel,
  files: readonly File[],
  room: number,
): { taken: File[]; faults: string[] } {
  const faults: string[] = [];
  const fits = files.filter((file) => {
    const fault = fileFault(field, file);
    if (fault) faults.push(fault);
    return !fault;
  });
  const taken = isMultiple(field) ? fits.slice(0, Math.max(room, 0)) : fits.slice(0, 1);
  const left = fits.length - taken.length;
  if (left > 0 && isMultiple(field)) faults.push(`At most ${field.maxSelect} files are allowed; ${left} left out.`);
  return { taken, faults };
}

export function isImage(name: string): boolean {
  return /\.(png|jpe?g|gif|webp|avif|svg|bmp|ico)$/i.test(name);
}

/** What a field takes, for people: "Up to 5 files, 5 MB each". */
export function limitsText(field: FieldModel): string {
  const size = bytesText(fileMaxBytes(field));
  const types = (field.mimeTypes ?? []).map((type) => type.replace(/^.*\//, '')).slice(0, 5);
  const kinds = types.length ? `, ${types.join(', ')}${(field.mimeTypes ?? []).length > 5 ? ' …' : ''}` : '';
  return isMultiple(field) ? `Up to ${field.maxSelect} files, ${size} each${kinds}` : `Up to ${size}${kinds}`;
}

// The rich text editor's engine: loaded only when a rich text is shown. What its schema does not know does not get in.
import { Editor, mergeAttributes } from '@tiptap/core';
import Image from '@tiptap/extension-image';
import StarterKit from '@tiptap/starter-kit';
import { isShownImage } from './html';

export type { Editor };

/** Pictures of other sites are not loaded (the panel asks nobody but its server): a box tells of them. */
const QuietImage = Image.extend({
  addNodeView() {
    return ({ HTMLAttributes }) => {
      const { src, alt } = HTMLAttributes as { src?: string; alt?: string };
      if (isShownImage(src ?? '', location.origin)) {
        const dom = document.createElement('img');
        for (const [key, value] of Object.entries(mergeAttributes(HTMLAttributes)))
          if (value) dom.setAttribute(key, String(value));
        return { dom };
      }
      const dom = document.createElement('span');
      dom.className = 'elsewhere';
      dom.textContent = `Image: ${alt || src || 'without address'}`;
      dom.title = src ?? '';
      return { dom };
    };
  },
});

export function makeEditor(
  element: HTMLElement,
  content: string,
  attributes: Record<string, string>,
  changed: (html: string) => void,
  moved: () => void,
): Editor {
  return new Editor({
    element,
    content,
    // The server's policy forbids style sheets made at run time; ours is in the component.
    injectCSS: false,
    editorProps: { attributes },
    extensions: [
      StarterKit.configure({
        // It would put a paragraph behind a heading or a list as soon as somebody clicks.
        trailingNode: false,
        link: {
          openOnClick: false,
          protocols: ['http', 'https', 'mailto', 'tel'],
          HTMLAttributes: { rel: null, target: null },
        },
      }),
      QuietImage.configure({ allowBase64: true }),
    ],
    onUpdate: ({ editor }) => changed(editor.isEmpty ? '' : editor.getHTML()),
    onTransaction: moved,
  });
}

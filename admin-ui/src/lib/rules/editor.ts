// The editor for rules and filters. Loaded when one is shown: CodeMirror is larger than the rest of the panel's first load.
import {
  acceptCompletion,
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
  startCompletion,
  type CompletionContext,
  type CompletionResult,
} from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { Compartment, EditorState, Prec, StateEffect, StateField, type Extension } from '@codemirror/state';
import { Decoration, EditorView, keymap, placeholder, ViewPlugin, type DecorationSet } from '@codemirror/view';
import { StyleModule } from 'style-mod';
import { wordsOf } from './grammar';
import type { Suggestions } from './suggest';

/** The part of the text that is to blame. */
export interface Fault {
  message: string;
  start: number;
  end: number;
}

export interface EditorOptions {
  parent: HTMLElement;
  text: string;
  placeholder: string;
  /** Attributes of what is typed into: label, description. */
  attributes: Record<string, string>;
  isReadOnly: boolean;
  /** Keeps it to one line; Enter calls it. */
  onsubmit?: (() => void) | undefined;
  onchange: (text: string) => void;
  onblur?: (() => void) | undefined;
  suggest: (text: string, at: number) => Suggestions;
}

export interface Editor {
  setText(text: string): void;
  setFault(fault: Fault | undefined): void;
  setAttributes(attributes: Record<string, string>): void;
  setReadOnly(isReadOnly: boolean): void;
  focus(): void;
  destroy(): void;
}

/** Adopted style sheets are allowed by the server's policy, `<style>` elements are not. */
function mountAdopted(): void {
  const sheets = new Map<StyleModule, CSSStyleSheet>();
  StyleModule.mount = (root, modules) => {
    for (const module of Array.isArray(modules) ? modules : [modules]) {
      if (sheets.has(module)) continue;
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(module.getRules());
      sheets.set(module, sheet);
      root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
    }
  };
}
mountAdopted();

const colours = ViewPlugin.define(
  (view) => {
    const plugin = { decorations: coloured(view.state.doc.toString()), update };
    function update(change: { docChanged: boolean; state: EditorState }) {
      if (change.docChanged) plugin.decorations = coloured(change.state.doc.toString());
    }
    return plugin;
  },
  { decorations: ({ decorations }) => decorations },
);

function coloured(text: string): DecorationSet {
  return Decoration.set(
    wordsOf(text).map(({ kind, start, end }) => Decoration.mark({ class: `word-${kind}` }).range(start, end)),
  );
}

const setFault = StateEffect.define<Fault | undefined>();
const faults = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(marks, change) {
    let next = marks.map(change.changes);
    for (const effect of change.effects) if (effect.is(setFault)) next = marked(effect.value, change.newDoc.length);
    return next;
  },
  provide: (field) => EditorView.decorations.from(field),
});

function marked(fault: Fault | undefined, length: number): DecorationSet {
  if (!fault || length === 0) return Decoration.none;
  // What is missing at the very end is shown on the last character.
  const end = Math.min(Math.max(fault.end, fault.start + 1), length);
  const start = Math.max(0, Math.min(fault.start, end - 1));
  return Decoration.set([Decoration.mark({ class: 'word-fault' }).range(start, end)]);
}

/** Line breaks that are pasted into a single line become spaces. */
const singleLine = EditorState.transactionFilter.of((change) => {
  if (!change.docChanged || change.newDoc.lines === 1) return change;
  const text = change.newDoc.sliceString(0, undefined, ' ');
  return [{ changes: { from: 0, to: change.startState.doc.length, insert: text }, selection: { anchor: text.length } }];
});

function completions(suggest: EditorOptions['suggest']): Extension {
  const source = (context: CompletionContext): CompletionResult | null => {
    const { from, options, isEager } = suggest(context.state.doc.toString(), context.pos);
    if (!options.length || (!isEager && !context.explicit)) return null;
    return {
      from,
      options: options.map(({ label, apply, detail, kind }, at) => ({
        label,
        type: kind,
        boost: -Math.min(at, 90) / 10,
        ...(apply !== undefined && { apply: applied(apply) }),
        ...(detail && { detail }),
      })),
      validFor: /^[\w@]*$/,
    };
  };
  return autocompletion({ override: [source], icons: false, maxRenderedOptions: 60, activateOnTypingDelay: 40 });
}

/** Puts a suggestion in; what ends in a dot or a bracket goes on with the next. */
function applied(text: string) {
  return (view: EditorView, _: unknown, from: number, to: number) => {
    view.dispatch({
      changes: { from, to, insert: text },
      selection: { anchor: from + text.length },
      userEvent: 'input.complete',
    });
    if (/[.(\s]$/.test(text)) setTimeout(() => startCompletion(view));
  };
}

export function createEditor(options: EditorOptions): Editor {
  const [attributes, readOnly] = [new Compartment(), new Compartment()];
  const fixed = (value: boolean) => [EditorState.readOnly.of(value), EditorView.editable.of(!value)];
  const submit = () => {
    options.onsubmit?.();
    return true;
  };
  const view = new EditorView({
    parent: options.parent,
    state: EditorState.create({
      doc: options.text,
      extensions: [
        history(),
        closeBrackets(),
        completions(options.suggest),
        Prec.highest(keymap.of([{ key: 'Tab', run: acceptCompletion }])),
        options.onsubmit ? [singleLine, keymap.of([{ key: 'Enter', run: submit }])] : [],
        keymap.of([...closeBracketsKeymap, ...completionKeymap, ...historyKeymap, ...defaultKeymap]),
        EditorView.lineWrapping,
        placeholder(options.placeholder),
        attributes.of(EditorView.contentAttributes.of(options.attributes)),
        readOnly.of(fixed(options.isReadOnly)),
        colours,
        faults,
        EditorView.updateListener.of((update) => {
          if (update.docChanged) options.onchange(update.state.doc.toString());
          if (update.focusChanged && !update.view.hasFocus) options.onblur?.();
        }),
      ],
    }),
  });
  return {
    setText(text) {
      if (text === view.state.doc.toString()) return;
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } });
    },
    setFault: (fault) => view.dispatch({ effects: setFault.of(fault) }),
    setAttributes: (next) => view.dispatch({ effects: attributes.reconfigure(EditorView.contentAttributes.of(next)) }),
    setReadOnly: (value) => view.dispatch({ effects: readOnly.reconfigure(fixed(value)) }),
    focus() {
      view.focus();
      view.dispatch({ selection: { anchor: view.state.doc.length } });
    },
    destroy: () => view.destroy(),
  };
}

// The types SvelteKit asks an app for: those that differ from its own.
declare global {
  namespace App {
    interface PageState {
      /** The field at which a record was opened. */
      field?: string;
    }
  }
}

export {};

// Light or dark: as the system says unless somebody chose; and the app's accent colour.
import { accentColors } from './accent';

export type Theme = 'system' | 'light' | 'dark';

/** `_app/theme.js` reads the first before the first paint. */
const THEME = 'bakend_theme';
const ACCENT = 'bakend_accent';

class ThemeState {
  chosen = $state<Theme>('system');
  #system = matchMedia('(prefers-color-scheme: dark)');
  #isSystemDark = $state(this.#system.matches);

  constructor() {
    const saved = localStorage.getItem(THEME);
    if (saved === 'light' || saved === 'dark') this.chosen = saved;
    this.#system.addEventListener('change', ({ matches }) => (this.#isSystemDark = matches));
    this.setAccent(localStorage.getItem(ACCENT) ?? '');
  }

  get isDark(): boolean {
    return this.chosen === 'system' ? this.#isSystemDark : this.chosen === 'dark';
  }

  choose(theme: Theme): void {
    this.chosen = theme;
    if (theme === 'system') {
      localStorage.removeItem(THEME);
      delete document.documentElement.dataset['theme'];
    } else {
      localStorage.setItem(THEME, theme);
      document.documentElement.dataset['theme'] = theme;
    }
  }

  toggle(): void {
    this.choose(this.isDark ? 'light' : 'dark');
  }

  /** Uses the app's accent colour; no colour: our own. It is remembered for the sign-in page, which does not know the settings. */
  setAccent(hex: string): void {
    const style = document.documentElement.style;
    for (const theme of ['light', 'dark'] as const) {
      const colors = accentColors(hex, theme);
      const values = {
        accent: colors?.solid,
        'accent-text': colors?.text,
        'on-accent': colors?.onSolid,
        'accent-hover': colors?.hover,
      };
      for (const [name, value] of Object.entries(values)) {
        if (value) style.setProperty(`--${name}-${theme}`, value);
        else style.removeProperty(`--${name}-${theme}`);
      }
    }
    if (hex) localStorage.setItem(ACCENT, hex);
  }
}

export const theme = new ThemeState();

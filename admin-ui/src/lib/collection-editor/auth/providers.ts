// The providers of OAuth2: what the server knows of them, and which options some have of their own.
import type { Provider } from '../model';

export interface KnownProvider {
  name: string;
  displayName: string;
  /** SVG; empty: there is none. */
  logo: string;
}

export function blankProvider(name: string): Provider {
  return {
    name,
    clientId: '',
    clientSecret: '',
    authURL: '',
    tokenURL: '',
    userInfoURL: '',
    displayName: '',
    pkce: null,
    extra: {},
  };
}

/** The logo as a picture's address. */
export function logoAddress(logo: string): string {
  return `data:image/svg+xml,${encodeURIComponent(logo)}`;
}

/** Whether the provider is a server of one's own, so that its addresses are needed. */
export function needsAddresses(name: string): boolean {
  return /^oidc\d?$/.test(name) || name === 'mailcow';
}

/** Reads what is typed as the further options; `undefined`: it is no JSON object. */
export function readExtra(text: string): Record<string, unknown> | undefined {
  if (!text.trim()) return {};
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Told below.
  }
  return undefined;
}

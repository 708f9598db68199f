// What the server answers, as far as the panel looks at it. PocketBase's own types come from the SDK.
import type { AuthRecord, CollectionModel, RecordModel } from 'pocketbase';

export type { AuthRecord, CollectionModel, RecordModel };

/** A page of a list; totals are -1 when nobody counted. */
export interface Page<T> {
  page: number;
  perPage: number;
  totalItems: number;
  totalPages: number;
  items: T[];
}

/** How one can sign in to a collection. */
export interface AuthMethods {
  password: { enabled: boolean; identityFields: string[] };
  otp: { enabled: boolean; duration: number };
  mfa: { enabled: boolean; duration: number };
  passkey: { enabled: boolean };
  totp: { enabled: boolean };
  oauth2: { enabled: boolean; providers: { name: string; displayName: string }[] };
}

/** The settings; areas other than `meta` are typed by the pages that edit them. */
export interface Settings extends Record<string, unknown> {
  meta: {
    appName: string;
    appURL: string;
    accentColor: string;
    senderName: string;
    senderAddress: string;
    /** Whether what changes collections is hidden. */
    hideControls: boolean;
  };
}

export interface Health {
  code: number;
  message: string;
  /** Only told to superusers. */
  data: { canBackup?: boolean; realIP?: string; possibleProxyHeader?: string };
}

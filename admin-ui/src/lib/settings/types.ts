// The settings as the server shows them; secrets are never shown, and stay as they are when they are left out.
import type { Settings } from '$lib/api/types';

export interface Smtp {
  enabled: boolean;
  host: string;
  port: number;
  username: string;
  password?: string;
  authMethod: '' | 'PLAIN' | 'LOGIN';
  tls: boolean;
  localName: string;
}

export interface S3 {
  enabled: boolean;
  bucket: string;
  region: string;
  endpoint: string;
  accessKey: string;
  secret?: string;
  forcePathStyle: boolean;
  /** Shown by the server only while it is on. */
  redirectDownloads?: boolean;
}

export interface RateLimitRule {
  label: string;
  audience: '' | '@guest' | '@auth';
  duration: number;
  maxRequests: number;
}

export interface ChannelRule {
  pattern: string;
  /** `null`: superusers only; empty: everyone. */
  listenRule: string | null;
  publishRule: string | null;
  presence: boolean;
}

export interface AllSettings extends Settings {
  smtp: Smtp;
  s3: S3;
  rateLimits: { enabled: boolean; rules: RateLimitRule[]; excludedIPs: string[] };
  trustedProxy: { headers: string[]; useLeftmostIP: boolean };
  batch: { enabled: boolean; maxRequests: number; timeout: number; maxBodySize: number };
  realtime: { changesMaxHours: number; changesMaxBytes: number; maxClientsPerIP: number; channels: ChannelRule[] };
  superuserIPs: string[];
}

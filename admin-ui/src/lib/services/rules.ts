// Tries rules out without doing anything; see `routes/(app)/rules`.
import { ask } from '$lib/api/client';
import type { Part, PlanStep } from '$lib/rules/verdict';

export type Action = 'list' | 'view' | 'create' | 'update' | 'delete' | 'auth' | 'manage';

export interface Trial {
  collection: string;
  action: Action;
  as: { collection: string; id: string } | null;
  record?: string;
  body?: unknown;
  /** Instead of the stored one; `null`: locked. */
  rule?: string | null;
  filter?: string;
  query?: unknown;
  headers?: unknown;
  context?: string;
}

export interface Verdict {
  allowed: boolean;
  /** What the API would answer, as far as the rule decides. */
  status: number;
  reason: string;
  code: 'superuser' | 'locked' | 'open' | 'satisfied' | 'not_satisfied' | 'invalid_rule' | 'no_record' | 'refused';
  rule: string | null;
  parts: Part[];
  /** Lists only: how many records this caller would get. */
  matches?: number | null;
  sql: string;
  binds: unknown[];
  plan: PlanStep[];
  /** Where an invalid rule is wrong. */
  start?: number;
  end?: number;
}

export function tryRule(trial: Trial, signal: AbortSignal): Promise<Verdict> {
  return ask('POST', '/api/collections/meta/try-rule', { body: trial, signal });
}

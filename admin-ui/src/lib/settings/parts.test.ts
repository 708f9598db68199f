import { describe, expect, it } from 'vitest';
import { differing, follow, undoing } from './parts';

const BEFORE = {
  meta: { appName: 'Old', appURL: 'http://a' },
  smtp: { host: '', port: 25 },
  rateLimits: { enabled: false, rules: [{ label: 'a' }] },
  superuserIPs: ['10.0.0.1'],
};

describe('what is sent of settings', () => {
  it('is what differs, leaf by leaf, and lists as a whole', () => {
    expect(differing(BEFORE, structuredClone(BEFORE))).toEqual({});
    const now = structuredClone(BEFORE);
    now.meta.appURL = 'http://b';
    now.rateLimits.rules.push({ label: 'b' });
    expect(differing(BEFORE, now)).toEqual({
      meta: { appURL: 'http://b' },
      rateLimits: { rules: [{ label: 'a' }, { label: 'b' }] },
    });
    expect(differing(BEFORE, { ...BEFORE, superuserIPs: [] })).toEqual({ superuserIPs: [] });
  });

  it('has a secret only when one was typed', () => {
    expect(differing(BEFORE, { smtp: { ...BEFORE.smtp, password: undefined } })).toEqual({});
    expect(differing(BEFORE, { smtp: { ...BEFORE.smtp, password: 'hush' } })).toEqual({ smtp: { password: 'hush' } });
  });

  it('is undone alone', () => {
    const sent = { meta: { appURL: 'http://b' }, smtp: { password: 'hush', redirects: true }, superuserIPs: [] };
    expect(undoing(BEFORE, sent)).toEqual({
      meta: { appURL: 'http://a' },
      smtp: { redirects: false },
      superuserIPs: ['10.0.0.1'],
    });
  });
});

describe('what changed elsewhere', () => {
  it('is taken over where nothing was typed', () => {
    const now = structuredClone(BEFORE);
    now.meta.appURL = 'http://mine';
    const { rules } = now.rateLimits;
    const theirs = { ...BEFORE, meta: { appName: 'New', appURL: 'http://theirs' }, superuserIPs: [] };
    follow(now, BEFORE, theirs);
    expect(now.meta).toEqual({ appName: 'New', appURL: 'http://mine' });
    expect(now.superuserIPs).toEqual([]);
    expect(differing(theirs, now)).toEqual({ meta: { appURL: 'http://mine' } });
    // What is the same stays the same object, so that nobody loses the place they are typing in.
    expect(now.rateLimits.rules).toBe(rules);
  });

  it('takes away what is no longer shown, such as a secret that was sent', () => {
    const sent = { smtp: { host: 'h', password: 'hush' } };
    const now = structuredClone(sent);
    follow(now, sent, { smtp: { host: 'h' } });
    expect(now).toEqual({ smtp: { host: 'h' } });
  });
});

// A real mail server for the suites: keeps what it is sent, and can be made to refuse, to fail and to hang.
import PostalMime from 'postal-mime';
import selfsigned from 'selfsigned';
import { SMTPServer } from 'smtp-server';
import fs from 'node:fs';
import path from 'node:path';
import { sleep, tempFolder } from './harness.mjs';

/** How long a mail may take to arrive, in milliseconds. */
const MAIL_MAX_MS = 20_000;

/** An authority of one's own: `file` is its certificate, `of()` makes key and certificate for `localhost` and 127.0.0.1. */
export async function authority() {
  const days = (count) => new Date(Date.now() + count * 86_400_000);
  const dates = { notBeforeDate: days(-1), notAfterDate: days(2), algorithm: 'sha256', keyType: 'ec' };
  const usage = { name: 'keyUsage', keyCertSign: true, digitalSignature: true, critical: true };
  const root = await selfsigned.generate([{ name: 'commonName', value: 'bakend test authority' }], {
    ...dates,
    extensions: [{ name: 'basicConstraints', cA: true, critical: true }, usage],
  });
  const file = path.join(tempFolder('authority'), 'roots.pem');
  fs.writeFileSync(file, `# for tests\n${root.cert}`);
  const altNames = [{ type: 2, value: 'localhost' }, { type: 7, ip: '127.0.0.1' }];
  const of = () =>
    selfsigned.generate([{ name: 'commonName', value: 'localhost' }], {
      ...dates,
      ca: { key: root.private, cert: root.cert },
      extensions: [{ name: 'basicConstraints', cA: false }, { name: 'subjectAltName', altNames }],
    });
  return { file, of };
}

/**
 * A mail server on a free port. `behave(session, attempt)` may return an error (`{responseCode, message}`) for a mail, or a
 * promise of one; other options are those of `SMTPServer`.
 */
export async function mailServer({ behave = () => null, ...options } = {}) {
  const kept = [];
  let attempts = 0;
  const server = new SMTPServer({
    authOptional: true,
    hideSTARTTLS: true,
    onData(stream, session, done) {
      const chunks = [];
      stream.on('data', (chunk) => chunks.push(chunk));
      stream.on('end', async () => {
        attempts += 1;
        const refusal = await behave(session, attempts);
        if (refusal) return done(Object.assign(new Error(refusal.message), refusal));
        const raw = Buffer.concat(chunks);
        const mail = await PostalMime.parse(raw);
        const to = session.envelope.rcptTo.map(({ address }) => address);
        kept.push({ ...mail, raw: raw.toString(), envelope: { to, from: session.envelope.mailFrom.address }, session });
        return done();
      });
    },
    ...options,
  });
  server.on('error', () => {});
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return new MailServer(server, kept, () => attempts);
}

class MailServer {
  constructor(server, kept, attempts) {
    Object.assign(this, { server, kept, attempts, port: server.server.address().port });
  }

  /** The settings that lead here. */
  settings(more = {}) {
    return { smtp: { enabled: true, host: '127.0.0.1', port: this.port, tls: false, ...more } };
  }

  /** The next mail to an address that `take` has not returned yet. */
  async take(address) {
    const deadline = Date.now() + MAIL_MAX_MS;
    while (Date.now() < deadline) {
      const at = this.kept.findIndex((mail) => mail.envelope.to.includes(address));
      if (at >= 0) return this.kept.splice(at, 1)[0];
      await sleep(20);
    }
    throw new Error(`no mail to ${address} arrived; there are ${JSON.stringify(this.kept.map((mail) => mail.envelope))}`);
  }

  stop() {
    return new Promise((resolve) => this.server.close(resolve));
  }
}

/** The token at the end of a mail's link. */
export const tokenOf = (mail) => mail.text.match(/confirm-[a-z-]+\/([\w.-]+)/)[1];

/** The one-time password in a mail. */
export const codeOf = (mail) => mail.text.match(/\b\d{4,}\b/)[0];

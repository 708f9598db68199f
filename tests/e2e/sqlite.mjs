// Looks into a data folder's databases without any code of the server under test (python3's sqlite3 module).
import fs from 'node:fs';
import path from 'node:path';
import { runOk } from './harness.mjs';

const HEADER = 'SQLite format 3\0';

const SCRIPT = `
import json, sqlite3, sys
with sqlite3.connect(sys.argv[1], timeout=20, isolation_level=None) as db:
    rows = [row for statement in json.loads(sys.argv[2]) for row in db.execute(statement).fetchall()]
    print(json.dumps(rows))
`;

/** Every SQLite database below a folder. */
export function databases(folder) {
  return fs
    .readdirSync(folder, { recursive: true })
    .map((name) => path.join(folder, name))
    .filter((file) => fs.statSync(file).isFile() && fs.statSync(file).size > HEADER.length)
    .filter((file) => {
      const handle = fs.openSync(file, 'r');
      const head = Buffer.alloc(HEADER.length);
      fs.readSync(handle, head);
      fs.closeSync(handle);
      return head.toString('latin1') === HEADER;
    });
}

/** Runs statements on a database file; returns all their rows as arrays. */
export function sql(file, ...statements) {
  return JSON.parse(runOk('python3', ['-c', SCRIPT, file, JSON.stringify(statements)]).stdout);
}

/** What SQLite's own checks say against the databases of a folder; empty when they are sound. */
export function damage(folder) {
  const found = databases(folder);
  if (!found.length) return [`no database below ${folder}`];
  return found.flatMap((file) => {
    const rows = sql(file, 'PRAGMA integrity_check', 'PRAGMA foreign_key_check').map(String);
    return rows.filter((row) => row !== 'ok').map((row) => `${file}: ${row}`);
  });
}

// A folder that runs out of space.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { removeFolder, run, tempFolder } from './harness.mjs';

/** How large the small disk is, and what of it a filler takes until space is freed, in bytes. */
const DISK_BYTES = 24 * 1024 * 1024;
const FILLER_BYTES = 8 * 1024 * 1024;
/** The largest file the server may write where no small disk can be mounted, in KiB. */
const FILE_MAX_KIB = 8 * 1024;

/** A folder that runs out of space: a small tmpfs (as root), else a limit on the size of files. */
export function smallDisk() {
  const dir = tempFolder('full');
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'tmpfs', dir]).status === 0;
  if (mounted) {
    const filler = path.join(dir, 'filler');
    fs.writeFileSync(filler, Buffer.alloc(FILLER_BYTES));
    const data = path.join(dir, 'data');
    fs.mkdirSync(data);
    const close = () => {
      spawnSync('umount', ['-l', dir]);
      removeFolder(dir);
    };
    return { dir: data, wrap: [], free: () => fs.rmSync(filler), close };
  }
  const limit = `trap '' XFSZ; ulimit -S -f ${FILE_MAX_KIB}; exec "$@"`;
  const free = (server) => assert.equal(run('prlimit', ['--pid', String(server.pid), '--fsize=unlimited']).code, 0);
  return { dir, wrap: ['bash', '-c', limit, 'limited'], free, close: () => removeFolder(dir) };
}

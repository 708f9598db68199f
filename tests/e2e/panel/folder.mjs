// Serves a built panel from a folder, under the policy that the program sends, and passes everything else on to the server.
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; img-src 'self' data: blob:; media-src 'self' blob:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.woff2': 'font/woff2',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
};

export async function serveFolder(given, server) {
  const folder = path.resolve(given);
  const target = new URL(server);
  const front = http.createServer((request, response) => {
    const [name] = request.url.split('?');
    const file = path.join(folder, name === '/_/' ? 'index.html' : decodeURIComponent(name.replace(/^\/_\//, '')));
    if (name.startsWith('/_/') && file.startsWith(folder) && fs.existsSync(file) && fs.statSync(file).isFile()) {
      response.writeHead(200, {
        'content-type': TYPES[path.extname(file)] ?? 'application/octet-stream',
        'content-security-policy': POLICY,
      });
      fs.createReadStream(file).pipe(response);
      return;
    }
    const { method, headers, url } = request;
    const passed = http.request({ host: target.hostname, port: target.port, method, headers, path: url }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    passed.on('error', () => response.destroy());
    response.on('close', () => passed.destroy());
    request.pipe(passed);
  });
  front.on('upgrade', ({ method, url, rawHeaders }, socket, head) => {
    const lines = rawHeaders.flatMap((text, at) => (at % 2 ? [] : `${text}: ${rawHeaders[at + 1]}`));
    const passed = net.connect(target.port, target.hostname);
    passed.write(`${[`${method} ${url} HTTP/1.1`, ...lines].join('\r\n')}\r\n\r\n`);
    passed.write(head);
    passed.pipe(socket).pipe(passed);
    passed.on('error', () => socket.destroy());
    socket.on('error', () => passed.destroy());
  });
  await new Promise((done) => front.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${front.address().port}`,
    close: () =>
      new Promise((done) => {
        front.closeAllConnections();
        front.close(done);
      }),
  };
}

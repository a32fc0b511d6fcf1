// Adds the bearer token to requests of clients that cannot send one. All else goes through as it came, a foreign `Host` too.

import http from 'node:http';

// A proxy before the server at `url`: its own URL, and `close`.
export async function withToken({ url, token }) {
  const target = new URL(url);
  const server = http.createServer((request, response) => {
    const mine = `:${server.address().port}`;
    const headers = request.rawHeaders.map((value, at) => {
      const name = at % 2 === 1 ? request.rawHeaders[at - 1].toLowerCase() : '';
      return ['host', 'origin'].includes(name) && value.endsWith(mine) ? value.slice(0, -mine.length) + `:${target.port}` : value;
    });
    headers.push('Authorization', `Bearer ${token}`);
    const passed = http.request(
      { host: target.hostname, port: target.port, path: request.url, method: request.method, headers, setHost: false },
      (answer) => {
        response.writeHead(answer.statusCode, answer.rawHeaders);
        response.flushHeaders();
        answer.pipe(response);
        answer.on('error', () => response.destroy());
      },
    );
    passed.on('error', () => response.destroy());
    response.on('close', () => passed.destroy());
    request.pipe(passed);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}${target.pathname}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

// Goal: the second way in login.conf and login.caddy, a proxy that says who it is, keeps trees apart as the first one does.
// Method: its lines without their marks, and a small server in the place of the proxy that knows readers by a cookie.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { A, B, SERVERS, get, installed, makeSite } from './support.mjs';

const world = makeSite();
let proxy;
before(async () => {
  proxy = createServer((request, response) => {
    const who = /(?:^|; )who=([^;]+)/.exec(request.headers.cookie ?? '')?.[1];
    if (request.url.startsWith('/oauth2/auth')) response.writeHead(who ? 202 : 401, who && who !== 'unnamed' ? { 'x-auth-request-email': decodeURIComponent(who) } : {}).end();
    else response.writeHead(200, { 'content-type': 'text/plain' }).end(`the proxy: ${request.url}`);
  });
  await new Promise((done) => proxy.listen(0, '127.0.0.1', done));
});
after(() => proxy.close());

for (const name of ['nginx', 'caddy']) {
  const { command, start } = SERVERS[name];
  describe(`${name} behind single sign-on`, { skip: !installed(command) && `NOT TESTED: ${command} is not installed` }, () => {
    let server;
    before(async () => { server = await start(world, world.hosting(name), proxy.address().port); });
    after(() => server?.close());
    const ask = (path, who, headers = {}) => get(server.port, path, { headers: { ...headers, ...(who && { cookie: `who=${encodeURIComponent(who)}` }) } });

    test('each reader reaches the own trees and nothing else', async () => {
      const own = await ask(`/${A}/data/whose.csv`, 'ana@example.com');
      assert.deepEqual([own.status, own.body], [200, `tree\n${A}\n`]);
      assert.equal((await ask('/', 'ana@example.com')).headers.location, `/${A}/index.html`);
      assert.equal((await ask('/internal/index.html', 'ida')).status, 200);
      for (const [path, who] of [['/internal/index.html', 'ana@example.com'], [`/${B}/index.html`, 'ana@example.com'], [`/${A}/index.html`, 'ida'], [`/${A}/index.html`, 'stranger'], ['/', 'stranger'], ['/internal/index.html', 'IDA']]) {
        assert.equal((await ask(path, who)).status, 403, `${who} ${path}`);
      }
      const missing = await ask(`/${A}/nothing.html`, 'ana@example.com');
      assert.deepEqual([missing.status, /There is no page at this address/.test(missing.body)], [404, true]);
    });

    test('who is not signed in is sent to the proxy, and no header of the reader counts', async () => {
      const forged = { 'x-auth-request-email': 'ida', authorization: `Basic ${Buffer.from('ida:x').toString('base64')}` };
      for (const headers of [{}, forged]) {
        const { status, headers: { location } } = await ask('/internal/index.html', undefined, headers);
        assert.equal(status, 302);
        assert.match(location, /\/oauth2\/sign_in\?rd=http:\/\/[^/]*\/internal\/index\.html$/);
      }
      assert.equal((await ask('/internal/index.html', 'stranger', forged)).status, 403);
      assert.equal((await ask('/internal/index.html', 'unnamed', forged)).status, 403, 'signed in without a name');
      assert.match((await ask('/oauth2/sign_in')).body, /^the proxy: \/oauth2\/sign_in/);
    });
  });
}

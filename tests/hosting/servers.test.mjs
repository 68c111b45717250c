// Goal: with the files that `tieout hosting` writes, a real server shows each login its own trees and nothing else, and says the same
// headers about them. Method: nginx, Caddy and Apache on the loopback, without rights, serve the same four trees; one table of requests
// with one answer for all of them; every page's header is held against the policy in its head; Chromium opens pages under both.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { assertNone, launch, watch } from '../browser/support.mjs';
import { A, B, HOSTILE, PASSWORDS, SECRET, SERVERS, addLeftovers, filesOf, get, installed, makeSite } from './support.mjs';
import { ANA, TRAVERSALS, table } from './table.mjs';

const world = makeSite();
const generated = Object.fromEntries(Object.keys(SERVERS).map((name) => [name, world.hosting(name)]));
// After the rules were made: they hold whatever comes to lie there.
addLeftovers(world);

const { asset } = world;
const TABLE = table(asset);

const HEADERS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'x-robots-tag': 'noindex',
  'access-control-allow-origin': undefined,
};
const PAGE = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
const ERROR = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const policyOf = (html) => html.match(/<meta http-equiv="Content-Security-Policy" content="([^"]*)"/)?.[1].replaceAll('&#39;', "'");

const answers = {};

for (const [name, { command, start }] of Object.entries(SERVERS)) {
  describe(name, { skip: !installed(command) && `NOT TESTED: ${command} is not installed` }, () => {
    let server;
    before(async () => { server = await start(world, generated[name]); });
    after(() => server?.close());
    const ask = (path, login, more) => get(server.port, path, { login, ...more });

    test('each login reaches its own trees and nothing else', async () => {
      const wrong = [];
      answers[name] = [];
      for (const [login, path, expected] of TABLE) {
        const { status, headers, body } = await ask(path, login);
        const where = (headers.location ?? '').replace(/^http:\/\/[^/]+/, '');
        const found = status === 302 ? `302 ${where}` : status;
        answers[name].push(`${login} ${path} ${found}`);
        if (found !== expected) wrong.push(`${login} ${path}: ${found} instead of ${expected}`);
        if (status !== 200 && body.includes(SECRET)) wrong.push(`${login} ${path}: tells what it refuses`);
        if (path.endsWith('whose.csv') && status === 200 && !body.includes(path.split('/')[2])) wrong.push(`${path} is another tree's`);
      }
      assertNone(wrong, 'the table');
    });

    test('a folder without its slash leads into it, for its own readers alone', async () => {
      const own = await ask(`/${A}`, ANA);
      assert.ok([301, 302, 308].includes(own.status) && own.headers.location.endsWith(`/${A}/`), `${own.status} ${own.headers.location}`);
      assert.equal((await ask('/internal', ANA)).status, 403);
      assert.equal((await ask(`/${B}`, ANA)).status, 403);
    });

    test('no spelling of a path leads out of the own folder', async () => {
      const wrong = [];
      for (const path of TRAVERSALS) {
        const { status, body } = await ask(path, ANA);
        if (status < 400 && status !== 301 && status !== 308) wrong.push(`${path}: ${status}`);
        if (/only for internal|root:|audience|b2b2/.test(body)) wrong.push(`${path} tells: ${body.slice(0, 80)}`);
      }
      assertNone(wrong, 'every spelling is refused');
    });

    test('without the right password nobody learns which logins there are', async () => {
      for (const login of [ANA, 'ida', 'bob', 'nobody', ...HOSTILE]) {
        for (const path of [`/${A}/index.html`, '/internal/index.html', '/', '/nothing']) {
          const { status, headers } = await ask(path, login, { password: 'wrong' });
          assert.equal(status, 401, `${login} ${path}`);
          assert.match(headers['www-authenticate'], /^Basic realm=/);
        }
      }
      assert.equal((await ask(`/${A}/index.html`, undefined, { headers: { authorization: 'Basic OnB3LWFuYQ==' } })).status, 401, 'an empty name');
      // A header that single sign-on would set is nothing here.
      const forged = { 'x-auth-request-email': 'ida', 'x-remote-user': 'ida', 'remote-user': 'ida' };
      assert.equal((await ask('/internal/index.html', ANA, { headers: forged })).status, 403);
      assert.equal((await ask('/internal/index.html', undefined, { headers: forged })).status, 401);
    });

    test('nothing but reading', async () => {
      for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE']) {
        const { status } = await ask(`/${A}/data/whose.csv`, ANA, { method });
        assert.ok(status >= 400, `${method}: ${status}`);
      }
      const head = await ask(`/${A}/index.html`, ANA, { method: 'HEAD' });
      assert.deepEqual([head.status, head.body], [200, '']);
      assert.match(readFileSync(join(world.site, A, 'data/whose.csv'), 'utf8'), /^tree/);
    });

    test('headers: policy, type with its charset, and how long a browser keeps it', async () => {
      const good = 'private, max-age=31536000, immutable';
      const again = 'private, no-cache';
      const missing = `${policyOf(readFileSync(join(world.site, 'internal/404.html'), 'utf8'))}; frame-ancestors 'none'`;
      const js = filesOf(join(world.site, 'internal/assets')).find((name) => /^query-[0-9a-f]{8}\.js$/.test(name));
      const rows = [
        ['/internal/index.html', 200, PAGE, again, 'text/html; charset=utf-8'],
        ['/internal/', 200, PAGE, again, 'text/html; charset=utf-8'],
        [`/internal/assets/${asset}`, 200, PAGE, good, 'text/css; charset=utf-8'],
        [`/internal/assets/${js}`, 200, PAGE, good, 'text/javascript; charset=utf-8'],
        ['/internal/query/data/index.js', 200, PAGE, again, 'text/javascript; charset=utf-8'],
        ['/internal/data/totals.csv', 200, PAGE, again, 'text/csv; charset=utf-8'],
        ['/internal/index.months.usd.csv', 200, PAGE, again, 'text/csv; charset=utf-8'],
        ['/internal/deadlines.ics', 200, PAGE, again, 'text/calendar; charset=utf-8'],
        ['/internal/manifest.json', 200, PAGE, again, 'application/json; charset=utf-8'],
        ['/internal/SHA256SUMS', 200, PAGE, again, 'text/plain; charset=utf-8'],
        [`/internal/${filesOf(join(world.site, 'internal')).find((path) => path.endsWith('.xlsx'))}`, 200, PAGE, again, 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'],
        ['/internal/404.html', 200, missing, again, 'text/html; charset=utf-8'],
        ['/internal/nothing.html', 404, missing, 'no-store', 'text/html; charset=utf-8'],
        ['/internal/assets/site-00000000.css', 404, missing, 'no-store', 'text/html; charset=utf-8'],
        [`/${A}/index.html`, 403, ERROR, 'no-store', undefined],
      ];
      for (const [path, status, policy, cache, type] of rows) {
        const answer = await ask(path, 'ida');
        assert.equal(answer.status, status, path);
        const found = { ...answer.headers };
        assert.equal(found['content-security-policy'], policy, path);
        assert.equal(found['cache-control'], cache, path);
        if (type) assert.equal(found['content-type'], type, path);
        for (const [header, value] of Object.entries(HEADERS)) assert.equal(found[header], value, `${path} ${header}`);
      }
      for (const [path, login] of [['/internal/index.html', undefined], ['/nothing', 'ida']]) {
        const { headers } = await ask(path, login);
        assert.deepEqual([headers['content-security-policy'], headers['cache-control'], headers['x-content-type-options']], [ERROR, 'no-store', 'nosniff'], path);
      }
      const customers = [[`/${A}/index.html`, again], [`/${A}/data/totals.csv`, again], [`/${A}/assets/${asset}`, good]];
      for (const [path, cache] of customers) assert.equal((await ask(path, ANA)).headers['cache-control'], cache, path);
      assert.match((await ask('/internal/nothing.html', 'ida')).body, /There is no page at this address/);
    });

    test('what did not change is not sent again', async () => {
      for (const path of ['/internal/index.html', `/internal/assets/${asset}`, '/internal/data/totals.csv']) {
        const first = await ask(path, 'ida');
        assert.ok(first.headers.etag, path);
        const second = await ask(path, 'ida', { headers: { 'if-none-match': first.headers.etag } });
        assert.deepEqual([second.status, second.body], [304, ''], path);
        assert.equal(second.headers['cache-control'], first.headers['cache-control'], path);
        assert.equal((await ask(path, ANA, { headers: { 'if-none-match': first.headers.etag } })).status, 403, 'not for others');
      }
    });

    test('the header of every page is the policy in its head', async () => {
      const wrong = [];
      let own = 0;
      for (const path of filesOf(join(world.site, 'internal')).filter((path) => path.endsWith('.html') && !path.startsWith('.'))) {
        const { headers, body } = await ask(`/internal/${path}`, 'ida');
        // A close pack has a style sheet of its own, whose checksum only the page names.
        const isPack = path.startsWith('close/') && path !== 'close/index.html';
        own += isPack;
        const inHead = isPack ? policyOf(body).replace(/'sha256-[^']*'/, "'unsafe-inline'") : policyOf(body);
        if (headers['content-security-policy'] !== `${inHead}; frame-ancestors 'none'`) wrong.push(`${path}: ${headers['content-security-policy']}`);
      }
      assertNone(wrong, 'header and head agree');
      assert.ok(own > 2, `${own} close packs`);
    });

    test('pages work under both policies in a browser', async () => {
      const browser = await launch();
      try {
        const context = await browser.newContext({ httpCredentials: { username: 'ida', password: PASSWORDS.ida } });
        const page = await context.newPage();
        const seen = watch(page);
        for (const path of ['index.html', 'query.html', 'order/ord2001.html', 'close/2026-05.html', '404.html', 'changes/index.html']) {
          await page.goto(`http://127.0.0.1:${server.port}/internal/${path}`, { waitUntil: 'load' });
          assert.ok(await page.evaluate(() => [...document.styleSheets].some((sheet) => sheet.cssRules.length > 20)), `${path} has its style`);
        }
        assert.deepEqual(seen.problems, []);
        await page.goto(`http://127.0.0.1:${server.port}/internal/order/nothing.html`);
        assert.ok(await page.evaluate(() => document.styleSheets[0]?.cssRules.length > 20), 'the page for missing addresses has its style');
      } finally {
        await browser.close();
      }
    });
  });
}

test('all servers give the same answers', () => {
  const [first, ...others] = Object.values(answers);
  for (const other of others) assert.deepEqual(other, first);
});

// Goal: what is written for stores that others run says the same as the servers do, as far as each can. Method: the functions of
// CloudFront and Azure run under node on the events they would get; policies and routes are read by the rules of their makers.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import crypto from 'node:crypto';
import { createRequire } from 'node:module';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { assertNone } from '../browser/support.mjs';
import { A, B, HOSTILE, ODD, PASSWORDS, addLeftovers, filesOf, makeSite } from './support.mjs';
import { ANA, TRAVERSALS, table } from './table.mjs';

const world = makeSite();
const folders = Object.fromEntries(['s3-cloudfront', 'azure', 'pages'].map((name) => [name, world.hosting(name)]));
const uids = join(world.root, 'uids.csv');
writeFileSync(uids, 'login,audience,customer_id\n200000000000000001,customer,CUST-1\n200000000000000002,internal,\n200000000000000003,internal,\n200000000000000003,sales,\n');
folders.oss = world.hosting('oss', uids);
addLeftovers(world);

const read = (server, path) => readFileSync(join(folders[server], path), 'utf8');
const json = (server, path) => JSON.parse(read(server, path));
const isFile = (path) => existsSync(path) && statSync(path).isFile();

/** The handler of a CloudFront Function, with its store. */
function handler(path, pairs) {
  const code = read('s3-cloudfront', path);
  assert.ok(Buffer.byteLength(code) < 10 * 1024, `${path} is within the limit of CloudFront`);
  const imports = [...code.matchAll(/^import (\w+) from '(\w+)';$/gm)].map((match) => match[2]);
  const kvs = () => ({ get: async (key) => { if (!pairs.has(key)) throw new Error('KeyNotFound'); return pairs.get(key); } });
  const body = code.replace(/^import .*$/gm, '');
  assert.deepEqual(imports.sort(), path === 'request.js' ? ['cloudfront', 'crypto'] : []);
  return new Function('crypto', 'cf', `'use strict';${body};return handler;`)(crypto, { kvs });
}

const kept = (password) => { const salt = 'a1b2'; return `${salt} ${createHash('sha256').update(salt + password).digest('hex')}`; };
const logins = json('s3-cloudfront', 'logins.json');
const pairs = new Map([
  ...logins.data.map(({ key, value }) => [key, value]),
  ...Object.entries(PASSWORDS).map(([login, password]) => [`pass ${login}`, kept(password)]),
]);
const onRequest = handler('request.js', pairs);

async function ask(uri, login, { password = PASSWORDS[login], method = 'GET' } = {}) {
  const headers = login === undefined ? {} : { authorization: { value: `Basic ${Buffer.from(`${login}:${password}`).toString('base64')}` } };
  return onRequest({ request: { method, uri, headers, querystring: {}, cookies: {} } });
}

test('CloudFront: the function answers as the servers do', async () => {
  const wrong = [];
  for (const [login, path, expected] of table(world.asset)) {
    const answer = await ask(path, login);
    const status = answer.statusCode ?? (isFile(join(world.site, answer.uri)) ? 200 : 404);
    const found = status === 302 ? `302 ${answer.headers.location.value}` : status;
    if (found !== expected) wrong.push(`${login} ${path}: ${found} instead of ${expected}`);
    if (answer.statusCode) {
      assert.equal(answer.headers['cache-control'].value, 'no-store');
      assert.equal(answer.headers['x-content-type-options'].value, 'nosniff');
      assert.match(answer.headers['content-security-policy'].value, /frame-ancestors 'none'$/);
    } else {
      assert.equal(answer.headers.authorization, undefined, 'the password goes no further');
    }
  }
  assertNone(wrong, 'the table');
});

test('CloudFront: no spelling leads out, and no login is told from another without its password', async () => {
  for (const path of TRAVERSALS) assert.equal((await ask(path.split(/[?#]/)[0], ANA)).statusCode, 403, path);
  for (const login of [ANA, 'nobody', '', ...HOSTILE]) {
    for (const password of ['wrong', '', ' ', 'undefined']) assert.equal((await ask(`/${A}/index.html`, login, { password })).statusCode, 401, login);
  }
  const forged = (value) => onRequest({ request: { method: 'GET', uri: `/${A}/index.html`, headers: { authorization: { value } } } });
  for (const value of ['', 'Basic', 'Basic ', 'Basic OnB3', 'Bearer x', 'Basic !!!']) assert.equal((await forged(value)).statusCode, 401, value);
  assert.equal((await ask(`/${A}/index.html`, ANA, { method: 'DELETE' })).statusCode, 405);
});

test('CloudFront: every login is in the store as it is written, and none with a password', () => {
  const keys = logins.data.map(({ key }) => key);
  for (const login of [ANA, 'bob', 'ida', 'sue', ODD, ...HOSTILE]) assert.ok(keys.includes(`may ${login}`), login);
  assert.equal(new Set(keys).size, keys.length);
  assert.ok(keys.every((key) => key.startsWith('may ')));
  assert.equal(pairs.get('may sue'), 'internal sales');
  assert.equal(pairs.get(`may ${HOSTILE[0]}`), A);
});

test('CloudFront: headers of files, of the policy and of the bucket', () => {
  const onResponse = handler('response.js', new Map());
  const headers = (uri) => {
    const answer = onResponse({ request: { uri }, response: { statusCode: 200, headers: { 'content-type': { value: 'binary/octet-stream' }, 'access-control-allow-origin': { value: '*' } } } });
    return Object.fromEntries(Object.entries(answer.headers).map(([name, { value }]) => [name, value]));
  };
  const page = headers('/internal/');
  assert.equal(page['content-type'], 'text/html; charset=utf-8');
  assert.equal(page['cache-control'], 'private, no-cache');
  assert.match(page['content-security-policy'], /^default-src 'none'; script-src 'self'; .*frame-ancestors 'none'$/);
  assert.equal(page['access-control-allow-origin'], undefined);
  assert.equal(headers(`/${A}/assets/${world.asset}`)['cache-control'], 'private, max-age=31536000, immutable');
  assert.equal(headers('/internal/data/totals.csv')['content-type'], 'text/csv; charset=utf-8');
  assert.equal(headers('/internal/SHA256SUMS')['content-type'], 'text/plain; charset=utf-8');
  assert.match(headers(`/${A}/404.html`)['content-security-policy'], /style-src 'sha256-/);
  assert.match(headers('/internal/close/2026-05.html')['content-security-policy'], /style-src 'unsafe-inline'/);
  assert.match(headers('/internal/close/index.html')['content-security-policy'], /style-src 'self'/);

  const policy = json('s3-cloudfront', 'headers-policy.json');
  assert.deepEqual(Object.keys(policy), ['Comment', 'CustomHeadersConfig', 'Name', 'SecurityHeadersConfig']);
  assert.equal(policy.CustomHeadersConfig.Quantity, policy.CustomHeadersConfig.Items.length);
  assert.ok(policy.CustomHeadersConfig.Items.some(({ Header, Value }) => Header === 'X-Robots-Tag' && Value === 'noindex'));
  assert.equal(policy.CorsConfig, undefined);
  const bucket = json('s3-cloudfront', 'bucket-policy.json');
  const [allow, deny] = bucket.Statement;
  assert.deepEqual(allow.Principal, { Service: 'cloudfront.amazonaws.com' });
  assert.deepEqual(allow.Resource, ['customer', 'internal', 'sales'].map((top) => `arn:aws:s3:::YOUR-BUCKET/${top}/*`), 'not the list at the top');
  assert.ok(allow.Condition.StringEquals['AWS:SourceArn'].startsWith('arn:aws:cloudfront::'));
  assert.equal(deny.Effect, 'Deny');
});

/** The first route that fits, as Azure takes it. */
function route(config, path) {
  const fits = ({ route }) => (route.endsWith('*') ? path.startsWith(route.slice(0, -1)) : path === route);
  return config.routes.find(fits);
}

test('Azure: a tree wants its role, and the function gives each login the roles of its trees', async () => {
  const config = json('azure', 'staticwebapp.config.json');
  assert.ok(read('azure', 'staticwebapp.config.json').length < 20 * 1024);
  const module = { exports: {} };
  const require = createRequire(join(folders.azure, 'api/GetRoles/index.js'));
  new Function('module', 'require', read('azure', 'api/GetRoles/index.js'))(module, require);
  const roles = async (body) => {
    const context = {};
    await module.exports(context, { body });
    return context.res.body.roles;
  };
  const may = async (login, path) => {
    const own = ['anonymous', 'authenticated', ...(await roles({ identityProvider: 'aad', userDetails: login }))];
    return route(config, path).allowedRoles.some((role) => own.includes(role));
  };
  for (const [login, path, expected] of table(world.asset)) {
    // What Azure cannot do: lead from `/` to the own tree, tell Ana from ANA, and hide a file in a tree.
    if (login === undefined || path === '/' || login.startsWith('ANA') || path.startsWith(`/${A}/data/trees`) || /\/\./.test(path)) continue;
    assert.equal(await may(login, path), expected !== 403, `${login} ${path}`);
  }
  for (const path of ['/', '/manifest.json', '/SHA256SUMS', '/customer/index.html', '/api/x']) assert.equal(await may(ANA, path), false, path);
  for (const body of [undefined, {}, { userDetails: 'ida' }, { identityProvider: 'github', userDetails: 'ida' }, { identityProvider: 'aad', userDetails: 'constructor' }, { identityProvider: 'aad', userDetails: '__proto__' }]) {
    assert.deepEqual(await roles(body), []);
  }
  assert.ok(config.routes.every(({ allowedRoles }) => allowedRoles.length === 1 && /^[A-Za-z0-9_]+$/.test(allowedRoles[0])));
  assert.equal(config.routes.at(-1).route, '/*');
  assert.equal(config.navigationFallback, undefined);
  assert.equal(route(config, `/${A}/assets/x.css`).headers['Cache-Control'], 'private, max-age=31536000, immutable');
  assert.equal(config.globalHeaders['Cache-Control'], 'private, no-cache');
  assert.match(config.globalHeaders['Content-Security-Policy'], /frame-ancestors 'none'$/);
  assert.equal(config.mimeTypes['.csv'], 'text/csv; charset=utf-8');
  assert.equal(config.responseOverrides['401'].redirect, '/.auth/login/aad');
  assert.ok(!/secret/i.test(JSON.stringify(config).replace('clientSecretSettingName":"AZURE_CLIENT_SECRET', '')));
});

test('OSS: each user reads the own folder, and a statement without users is never written', () => {
  const { Version, Statement } = json('oss', 'bucket-policy.json');
  assert.equal(Version, '1');
  const matches = (pattern, text) => new RegExp(`^${pattern.split('*').map((part) => part.replace(/[.$?+()[\]{}|\\/^]/g, '\\$&')).join('.*')}$`).test(text);
  const may = (uid, path) => {
    const fits = (statement) => statement.Action.includes('oss:GetObject') && statement.Principal.some((user) => user === '*' || user === uid)
      && statement.Resource.some((resource) => matches(resource, `acs:oss:*:*:YOUR-BUCKET/${path}`));
    return Statement.some((s) => s.Effect === 'Allow' && fits(s)) && !Statement.some((s) => s.Effect === 'Deny' && fits(s));
  };
  const [customer, internal, both] = [1, 2, 3].map((n) => `20000000000000000${n}`);
  assert.ok(may(customer, `${A}/index.html`) && may(internal, 'internal/index.html') && may(both, 'sales/x.csv') && may(both, 'internal/x.csv'));
  for (const [uid, path] of [[customer, 'internal/index.html'], [customer, `${B}/index.html`], [customer, `${A}/data/trees.csv`], [customer, 'manifest.json'], [internal, 'sales/index.html'], [internal, `${A}/index.html`], ['*', 'internal/index.html'], ['', 'internal/index.html']]) {
    assert.ok(!may(uid, path), `${uid} ${path}`);
  }
  for (const statement of Statement) {
    assert.ok(statement.Principal.length > 0, 'an empty list would mean everybody');
    if (statement.Effect === 'Allow') assert.ok(!statement.Principal.includes('*'));
  }
  assert.ok(!JSON.stringify(Statement).includes(B), 'nobody reads the folder that no login has');
  const functions = json('oss', 'cdn-functions.json');
  assert.ok(functions.every(({ functionName, functionArgs }) => functionName === 'set_resp_header' && functionArgs.map((a) => a.argName).join() === 'key,value'));
  assert.equal(functions.find(({ functionArgs }) => functionArgs[0].argValue === 'Cache-Control').functionArgs[1].argValue, 'private, no-cache');
});

test('Pages: internal trees alone, and the file says what cannot be done', () => {
  const files = filesOf(folders.pages);
  assert.deepEqual(files, ['README.md', 'internal/github.yml', 'internal/gitlab-ci.yml', 'made-by-tieout.sha256', 'sales/github.yml', 'sales/gitlab-ci.yml']);
  const text = read('pages', 'README.md');
  for (const part of ['no access control per path', "2 customers' trees. Nothing here publishes them", 'GitHub Pages is public', '`internal`, `sales`']) assert.ok(text.includes(part), part);
  for (const file of files) assert.ok(!/customer\/[0-9a-f]{32}/.test(read('pages', file)), file);
});

test('no password and no secret is in any file', () => {
  for (const [server, folder] of Object.entries(folders)) {
    for (const file of filesOf(folder)) {
      for (const password of Object.values(PASSWORDS)) assert.ok(!read(server, file).includes(password), `${server}/${file}`);
    }
  }
});

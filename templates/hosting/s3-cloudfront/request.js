// Made by `tieout hosting s3-cloudfront`: a CloudFront Function (runtime 2.0) for the event "viewer request".
// It asks who it is, and lets a login read the trees that the key-value store names for it, and nothing else.
import crypto from 'crypto';
import cf from 'cloudfront';

const store = cf.kvs();
const headers = @@HEADERS@@;
const policy = @@POLICY_OF_ERRORS@@;

function refuse(statusCode, statusDescription, more) {
  const all = { 'cache-control': { value: 'no-store' }, 'content-security-policy': { value: policy } };
  for (const header of headers) all[header[0]] = { value: header[1] };
  for (const name of Object.keys(more || {})) all[name] = { value: more[name] };
  return { statusCode, statusDescription, headers: all };
}

const ask = () => refuse(401, 'Unauthorized', { 'www-authenticate': 'Basic realm="Reseller rebates", charset="UTF-8"' });

async function look(key) {
  try {
    return await store.get(key);
  } catch (error) {
    return undefined;
  }
}

// "pass LOGIN" holds a salt, a blank, and SHA-256 of salt and password in hexadecimal digits.
async function login(request) {
  const header = request.headers.authorization;
  if (!header || header.value.slice(0, 6).toLowerCase() !== 'basic ') return undefined;
  const text = Buffer.from(header.value.slice(6), 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 1) return undefined;
  const name = text.slice(0, colon);
  const kept = await look('pass ' + name);
  const parts = (kept || '').split(' ');
  const hash = crypto.createHash('sha256').update(parts[0] + text.slice(colon + 1)).digest('hex');
  return kept && parts.length === 2 && parts[1] === hash ? name : undefined;
}

async function handler(event) {
  const request = event.request;
  const name = await login(request);
  if (name === undefined) return ask();
  if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(405, 'Method Not Allowed');
  const trees = ((await look('may ' + name)) || '').split(' ').filter((tree) => tree);
  const uri = request.uri;
  if (uri === '/') {
    return trees.length ? refuse(302, 'Found', { location: '/' + trees[0] + '/index.html' }) : refuse(403, 'Forbidden');
  }
  // Addresses of the site have no other characters, so nothing has to be decoded, and no part begins with a point.
  const isPlain = /^\/[A-Za-z0-9._\/-]*$/.test(uri) && !/\/[.\/]/.test(uri);
  const isMine = trees.some((tree) => uri.startsWith('/' + tree + '/'));
  const isList = uri.startsWith('/customer/') && uri.endsWith('/trees.csv');
  if (!isPlain || !isMine || isList) return refuse(403, 'Forbidden');
  // Nothing behind this point needs the password.
  delete request.headers.authorization;
  if (uri.endsWith('/')) request.uri = uri + 'index.html';
  return request;
}

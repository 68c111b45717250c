// What the hosting tests share: a site of four trees with logins for them, and real servers on the loopback that serve it with the
// files that `tieout hosting` wrote.
//
// The trees are made by hand of the sample's internal tree. A server that is not installed is skipped with a note, unless
// TIEOUT_SERVERS=required, as in .ci/run.

import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { SITE, program } from '../browser/support.mjs';

export const A = `customer/${'a1'.repeat(16)}`;
export const B = `customer/${'b2'.repeat(16)}`;

/** What stands in files that most readers must not see. */
export const SECRET = 'only for internal readers';

/** A login with everything that means something to a shell, a server or a spreadsheet, and a password. */
export const ODD = `o'n"e\\il $x;#%~*|^&`;
/** Never to be let in, whatever a server makes of it; it has no password. */
export const HOSTILE = [`x" "y"; } {$HOME} {{ \${PATH} \\`, '=cmd|calc', '~^.*', 'default', '../../internal', `"; allow all; #`, '<x>&y', '.*'];

const LOGINS = [
  ['ana@example.com', 'customer', 'CUST-1'],
  ['bob', 'customer', 'CUST 2, "B"'],
  ['ida', 'internal', ''],
  ['sue', 'internal', ''],
  ['sue', 'sales', ''],
  [ODD, 'sales', ''],
  ...HOSTILE.map((login) => [login, 'customer', 'CUST-1']),
];

/** In the list of passwords: those with a tree, one without, and one that differs in case alone. */
export const PASSWORDS = {
  'ana@example.com': 'pw-ana', bob: 'pw-bob', ida: 'pw-ida', sue: 'pw-sue', [ODD]: 'pw-odd', stranger: 'pw-stranger', 'ANA@example.com': 'pw-other',
};

const cell = (text) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
const csv = (rows) => rows.map((row) => row.map(cell).join(',') + '\n').join('');

/** A folder that an unprivileged user may read, gone at the end. */
export function folder() {
  const path = mkdtempSync(join(tmpdir(), 'tieout-hosting-'));
  chmodSync(path, 0o755);
  process.on('exit', () => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** Makes the site and lists of logins; `hosting` writes the files of a server and gives back their folder. */
export function makeSite() {
  const root = folder();
  const site = join(root, 'site');
  const write = (path, text) => {
    mkdirSync(dirname(join(site, path)), { recursive: true });
    writeFileSync(join(site, path), text);
  };
  cpSync(SITE, join(site, 'internal'), { recursive: true });
  write('internal/secret.txt', SECRET);
  write('secret.txt', SECRET);
  const asset = readdirSync(join(SITE, 'assets')).find((name) => /^site-[0-9a-f]{8}\.css$/.test(name));
  for (const tree of ['sales', A, B]) {
    for (const path of ['index.html', '404.html', 'about.html', 'assets', 'close', 'deadlines.ics', 'data/totals.csv', 'manifest.json']) {
      cpSync(join(SITE, path), join(site, tree, path), { recursive: true });
    }
    write(`${tree}/data/whose.csv`, `tree\n${tree}\n`);
  }
  write('internal/data/trees.csv', csv([
    ['audience', 'customer_id', 'folder'],
    ['internal', '', 'internal'],
    ['sales', '', 'sales'],
    ['customer', 'CUST-1', A],
    ['customer', 'CUST 2, "B"', B],
  ]));
  const manifest = { schema: 1, program: 'tieout', version: '0', audience: 'internal', snapshot: '2026-06-18', configuration_sha256: '', inputs: [], trees: [A, B, 'internal', 'sales'], files: [] };
  write('manifest.json', JSON.stringify(manifest));
  write('SHA256SUMS', '');
  const logins = join(root, 'logins.csv');
  writeFileSync(logins, csv([['login', 'audience', 'customer_id'], ...LOGINS]));
  const hosting = (server, list = logins) => {
    const output = join(root, 'hosting');
    program(['hosting', server, '--site', site, '--logins', list, '--output', output, '--format', 'json']);
    return join(output, server);
  };
  return { root, site, asset, logins, hosting, write };
}

/** What a build, a crash or a mistake may leave in the served folder. */
export function addLeftovers({ write }) {
  write('.prev-site/internal/index.html', 'old');
  write('.tieout-site.lock', '1');
  write('.stage-site/internal/index.html', 'next');
  write('internal/.prev-data/old.csv', 'old');
  write(`${A}/.htaccess`, 'Require all granted');
  write(`${A}/data/trees.csv`, 'audience,customer_id,folder\n');
  write('trees.csv', 'audience,customer_id,folder\n');
  write('customer/index.html', 'all customers');
  write(`customer/${'c3'.repeat(16)}/index.html`, 'a customer without a row');
}

/** Whether a command is there; a note, or an error where it must be. */
export function installed(command) {
  const found = ['/usr/sbin', '/usr/bin', '/usr/local/bin'].map((path) => join(path, command)).find(existsSync);
  if (found) return found;
  const note = `NOT TESTED: ${command} is not installed (Debian: apt-get install nginx-light caddy apache2-bin)`;
  if (process.env.TIEOUT_SERVERS === 'required') throw new Error(note);
  console.error(`\n!!! ${note}\n`);
  return undefined;
}

export function freePort() {
  return new Promise((done, fail) => {
    const server = createServer().on('error', fail).listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}

// The servers need no rights of root, so they get none.
const isRoot = process.getuid() === 0;
const unprivileged = isRoot ? { uid: 65534, gid: 65534 } : {};

/** One request with the path as it is written; node's URL would tidy it up. */
export function get(port, path, { login, password = PASSWORDS[login], method = 'GET', headers = {} } = {}) {
  const all = { ...headers, connection: 'close' };
  if (login !== undefined) all.authorization = `Basic ${Buffer.from(`${login}:${password}`).toString('base64')}`;
  return new Promise((done, fail) => {
    request({ host: '127.0.0.1', port, path, method, headers: all }, (answer) => {
      const parts = [];
      answer.on('data', (part) => parts.push(part)).on('end', () =>
        done({ status: answer.statusCode, headers: answer.headers, body: Buffer.concat(parts).toString('utf8') }));
    }).on('error', fail).end();
  });
}

const replaced = (text, pairs) => pairs.reduce((text, [from, to]) => {
  if (!text.includes(from)) throw new Error(`the generated file has no "${from}"`);
  return text.replace(from, to);
}, text);

/** The file that says who is asking, with the second way, single sign-on, in place of the first. */
export function withSignOn(text, port) {
  const at = text.indexOf('\n#\n');
  if (at < 0) throw new Error('the file has no second way');
  return text.slice(at + 3).split('\n').map((line) => line.replace(/^# ?/, '')).join('\n').replaceAll('127.0.0.1:4180', `127.0.0.1:${port}`);
}

async function start(command, args, home, port) {
  const child = spawn(command, args, { cwd: home, env: { PATH: process.env.PATH, HOME: home, XDG_DATA_HOME: home, XDG_CONFIG_HOME: home }, stdio: ['ignore', 'pipe', 'pipe'], ...unprivileged });
  let said = '';
  child.stdout.on('data', (text) => (said += text));
  child.stderr.on('data', (text) => (said += text));
  const ended = new Promise((done) => child.on('exit', done));
  for (let i = 0; ; i++) {
    const is = await get(port, '/').then(() => true, () => false);
    if (is) break;
    if (i > 200 || child.exitCode !== null) throw new Error(`${command} does not answer:\n${said}`);
    await new Promise((done) => setTimeout(done, 50));
  }
  return { port, said: () => said, close: async () => { child.kill('SIGTERM'); await ended; } };
}

/** Runs a command as the unprivileged user, which must succeed. */
function run(command, args, options = {}) {
  return execFileSync(command, args, { encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'], ...options });
}

function htpasswd() {
  return Object.entries(PASSWORDS).map(([login, password]) => `${login}:${run('openssl', ['passwd', '-apr1', password]).trim()}\n`).join('');
}

/** Copies what was written to where a server looks for it. */
function place(generated) {
  const home = folder();
  if (isRoot) run('chown', ['65534', home]);
  cpSync(generated, join(home, 'tieout'), { recursive: true });
  return { home, read: (path) => readFileSync(join(home, 'tieout', path), 'utf8'), put: (path, text) => writeFileSync(join(home, path), text) };
}

export const SERVERS = {
  nginx: {
    command: 'nginx',
    async start({ site }, generated, signOn) {
      const nginx = installed('nginx');
      const port = await freePort();
      const { home, read, put } = place(generated);
      if (signOn) put('tieout/login.conf', withSignOn(read('login.conf'), signOn));
      else put('tieout/htpasswd', htpasswd());
      put('site.conf', replaced(read('site.conf'), [
        ['listen 443 ssl;', `listen 127.0.0.1:${port};`], ['root /srv/tieout/site;', `root ${site};`],
        ['    ssl_certificate /', '    # '], ['    ssl_certificate_key /', '    # '],
      ]));
      const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${home}/${name};`).join(' ');
      put('nginx.conf', `daemon off; pid ${home}/pid; worker_processes 1; error_log stderr;\nevents {}\nhttp { access_log off; ${temp} include site.conf; }\n`);
      const args = ['-c', join(home, 'nginx.conf'), '-e', 'stderr'];
      run(nginx, ['-t', ...args], unprivileged);
      return start(nginx, args, home, port);
    },
  },
  caddy: {
    command: 'caddy',
    async start({ site }, generated, signOn) {
      const caddy = installed('caddy');
      const port = await freePort();
      const { home, read, put } = place(generated);
      const quoted = (text) => `"${text.replaceAll('"', '\\"')}"`;
      const users = signOn ? [] : Object.entries(PASSWORDS).map(([login, password]) => `${quoted(login)} ${run(caddy, ['hash-password', '--plaintext', password]).trim()}\n`);
      if (signOn) put('tieout/login.caddy', withSignOn(read('login.caddy'), signOn));
      else put('tieout/users', users.join(''));
      put('Caddyfile', `{\n\tadmin off\n\tauto_https off\n}\n${replaced(read('Caddyfile'), [
        ['rebates.example.com {', `http://127.0.0.1:${port} {`], ['root * /srv/tieout/site', `root * ${site}`],
      ])}`);
      const args = ['--config', join(home, 'Caddyfile'), '--adapter', 'caddyfile'];
      run(caddy, ['validate', ...args], { env: { HOME: home, PATH: process.env.PATH }, ...unprivileged });
      return start(caddy, ['run', ...args], home, port);
    },
  },
  apache: {
    command: 'apache2',
    async start({ site }, generated) {
      const apache = installed('apache2');
      const port = await freePort();
      const { home, read, put } = place(generated);
      put('htpasswd', htpasswd());
      put('site.conf', replaced(read('site.conf'), [
        ['Define TIEOUT_SITE /srv/tieout/site', `Define TIEOUT_SITE ${site}`],
        ['Define TIEOUT_PASSWORDS /etc/apache2/tieout/htpasswd', `Define TIEOUT_PASSWORDS ${home}/htpasswd`],
        ['<VirtualHost *:443>', `<VirtualHost 127.0.0.1:${port}>`], ['    SSLEngine on', '    #'],
        ['    SSLCertificateFile', '    #'], ['    SSLCertificateKeyFile', '    #'],
      ]));
      const modules = ['mpm_event', 'allowmethods', 'auth_basic', 'authn_core', 'authn_file', 'authz_core', 'authz_user', 'dir', 'headers', 'mime', 'rewrite']
        .map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so\n`).join('');
      put('apache.conf', `ServerRoot ${home}\n${modules}ServerName localhost\nListen 127.0.0.1:${port}\nPidFile ${home}/pid\nErrorLog ${home}/error.log\nTypesConfig /dev/null\nInclude site.conf\n`);
      const args = ['-f', join(home, 'apache.conf'), '-DFOREGROUND'];
      run(apache, ['-t', '-f', join(home, 'apache.conf')], unprivileged);
      return start(apache, args, home, port);
    },
  },
};

/** Every file below a folder, as its path from there. */
export const filesOf = (path) => readdirSync(path, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(path.length + 1)).sort();

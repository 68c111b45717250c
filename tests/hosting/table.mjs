// Who asks for what, and the one answer that whatever stands in front of the site gives.

import { A, B, ODD } from './support.mjs';

export const ANA = 'ana@example.com';

/** Who asks for what, and what every server answers. */
export const table = (asset) => [
  // Nobody without a login, whatever it is.
  [undefined, '/', 401], [undefined, '/internal/index.html', 401], [undefined, `/${A}/index.html`, 401], [undefined, `/internal/assets/${asset}`, 401],
  [undefined, '/manifest.json', 401], [undefined, '/nothing', 401], [undefined, `/${A}/nothing.html`, 401],
  // Each its own, from the address without a path on.
  [ANA, '/', `302 /${A}/index.html`], ['bob', '/', `302 /${B}/index.html`], ['ida', '/', '302 /internal/index.html'], [ODD, '/', '302 /sales/index.html'],
  [ANA, `/${A}/index.html`, 200], [ANA, `/${A}/`, 200], [ANA, `/${A}/data/whose.csv`, 200], [ANA, `/${A}/manifest.json`, 200],
  ['bob', `/${B}/data/whose.csv`, 200], ['ida', '/internal/index.html', 200], ['ida', '/internal/data/trees.csv', 200], ['ida', '/internal/secret.txt', 200],
  ['sue', '/internal/index.html', 200], ['sue', '/sales/index.html', 200], [ODD, '/sales/index.html', 200],
  // And no other.
  [ANA, '/internal/index.html', 403], [ANA, '/internal/', 403], [ANA, `/internal/assets/${asset}`, 403], [ANA, '/internal/nothing.html', 403], [ANA, '/internal/data/trees.csv', 403],
  [ANA, `/${B}/index.html`, 403], [ANA, `/${B}/data/whose.csv`, 403], [ANA, '/sales/index.html', 403], ['bob', `/${A}/index.html`, 403], ['bob', '/internal/index.html', 403],
  ['ida', '/sales/index.html', 403], ['ida', `/${A}/index.html`, 403], [ODD, '/internal/index.html', 403], [ODD, `/${A}/index.html`, 403],
  // A password without a row, and a name in other case.
  ['stranger', '/', 403], ['stranger', `/${A}/index.html`, 403], ['stranger', '/internal/index.html', 403], ['stranger', '/nothing', 403],
  ['ANA@example.com', '/', 403], ['ANA@example.com', `/${A}/index.html`, 403],
  // What lies beside the trees, or in one by mistake.
  [ANA, '/manifest.json', 403], [ANA, '/SHA256SUMS', 403], [ANA, '/trees.csv', 403], [ANA, '/secret.txt', 403], ['ida', '/manifest.json', 403], ['ida', '/secret.txt', 403],
  [ANA, '/customer/', 403], [ANA, '/customer/index.html', 403], ['ida', '/customer/index.html', 403], [ANA, `/customer/${'c3'.repeat(16)}/index.html`, 403],
  [ANA, `/${A}/data/trees.csv`, 403], [ANA, `/${A}/.htaccess`, 403], ['ida', '/.prev-site/internal/index.html', 403], ['ida', '/.tieout-site.lock', 403],
  ['ida', '/.stage-site/internal/index.html', 403], ['ida', '/internal/.prev-data/old.csv', 403], [ANA, `/${A}x/index.html`, 403], [ANA, `/${A.toUpperCase()}/index.html`, 403],
  // Nothing there.
  [ANA, `/${A}/nothing.html`, 404], [ANA, `/${A}/assets/site-00000000.css`, 404], ['ida', '/internal/order/nothing.html', 404],
];

/** Ways from an own folder into another one, as the bytes of the request line. */
export const TRAVERSALS = [
  `/${A}/../../internal/secret.txt`, `/${A}/%2e%2e/%2e%2e/internal/secret.txt`, `/${A}/..%2f..%2finternal/secret.txt`, `/${A}/..%2F..%2Finternal%2Fsecret.txt`,
  `/${A}/%252e%252e/%252e%252e/internal/secret.txt`, `/${A}/..\\..\\internal\\secret.txt`, `/${A}/..%5c..%5cinternal%5csecret.txt`, `/${A}//../../internal/secret.txt`,
  `/${A}/./../../internal/secret.txt`, '//internal/secret.txt', '/./internal/secret.txt', '/%69nternal/secret.txt', '/internal%2fsecret.txt', '/INTERNAL/secret.txt',
  `/${A}/..;/..;/internal/secret.txt`, `/${A}/%00/../../../internal/secret.txt`, `/${A}/.%2e/.%2e/internal/secret.txt`, `/${A}/..%c0%af..%c0%afinternal/secret.txt`,
  `/${A}/index.html/../../../internal/secret.txt`, `/internal/secret.txt?/${A}/`, `/internal/secret.txt#/${A}/`, `/${A}/../../secret.txt`, '/../secret.txt', `/${A}/../${B.slice(9)}/data/whose.csv`,
  `/${A}/../../../../../../../../etc/passwd`, `/${A}/%2e%2e/%2e%2e/%2e%2e/logins.csv`, `/${A}%2f..%2f..%2finternal/secret.txt`, `/internal/secret.txt%20`, `/${A}/..`, '/internal/secret.txt/.',
];

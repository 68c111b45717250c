// Made by `tieout hosting azure`: says which roles a reader has after the login. Who is not in roles.json has none.
const roles = new Map(Object.entries(require('./roles.json')));

module.exports = async function (context, req) {
  const user = (req && req.body) || {};
  const name = user.identityProvider === 'aad' && typeof user.userDetails === 'string' ? user.userDetails.toLowerCase() : '';
  context.res = { headers: { 'Content-Type': 'application/json' }, body: { roles: roles.get(name) || [] } };
};

// Made by `tieout hosting s3-cloudfront`: a CloudFront Function (runtime 2.0) for the event "viewer response".
// It adds what a bucket does not say: policy, type with its charset, and how long a browser may keep a file.
const headers = @@HEADERS@@;
const policies = @@POLICIES@@;
const types = @@TYPES@@;
const forGood = new RegExp(@@FOR_GOOD_PATHS@@);

function handler(event) {
  const response = event.response;
  const uri = event.request.uri.endsWith('/') ? event.request.uri + 'index.html' : event.request.uri;
  let policy = @@POLICY@@;
  for (const rule of policies) {
    if (new RegExp(rule[0]).test(uri)) {
      policy = rule[1];
      break;
    }
  }
  for (const header of headers) response.headers[header[0]] = { value: header[1] };
  response.headers['content-security-policy'] = { value: policy };
  response.headers['cache-control'] = { value: forGood.test(uri) ? @@FOR_GOOD@@ : @@ASK_AGAIN@@ };
  const end = uri.slice(uri.lastIndexOf('/') + 1).split('.').slice(1).pop();
  response.headers['content-type'] = { value: types[end] || @@TYPE_OF_THE_REST@@ };
  delete response.headers['access-control-allow-origin'];
  return response;
}

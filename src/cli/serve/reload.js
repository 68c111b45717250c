// Added to every page that `tieout serve` answers, and to no page of a site. `window.tieoutServe` has the number of the build that
// the page knows of and what is wrong with it, as text.
(function () {
  'use strict';
  var state = window.tieoutServe;
  function box() {
    var found = document.getElementById('tieout-fault');
    if (found) return found;
    found = document.createElement('pre');
    found.id = 'tieout-fault';
    found.setAttribute('role', 'alert');
    found.tabIndex = 0;
    // Property by property: the page's policy allows no style of its own in markup.
    var style = found.style;
    style.position = 'fixed';
    style.inset = 'auto 0 0 0';
    style.zIndex = 2147483647;
    style.maxHeight = '60vh';
    style.overflow = 'auto';
    style.margin = '0';
    style.padding = '1rem 1.25rem';
    style.font = '14px/1.5 ui-monospace, monospace';
    style.whiteSpace = 'pre-wrap';
    style.overflowWrap = 'anywhere';
    style.color = '#111';
    style.background = '#fff4f2';
    style.borderTop = '4px solid #b3261e';
    document.body.appendChild(found);
    return found;
  }
  state.show = function (version, fault) {
    state.version = version;
    box().textContent = 'This page is of the last build that worked. The build after it stopped:\n\n' + fault;
  };
  function wait() {
    var script = document.createElement('script');
    script.src = '/.tieout/next.js?v=' + state.version + '&t=' + Date.now();
    script.onload = function () {
      script.remove();
      wait();
    };
    script.onerror = function () {
      script.remove();
      setTimeout(wait, 1000);
    };
    document.head.appendChild(script);
  }
  function begin() {
    if (state.fault) state.show(state.version, state.fault);
    setTimeout(wait, 0);
  }
  // Waiting is no part of loading; and this script may well come after it.
  if (document.readyState === 'complete') begin();
  else addEventListener('load', begin);
})();

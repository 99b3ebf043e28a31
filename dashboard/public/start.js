// Sets theme, density and language on <html> before the first paint, so that nothing flashes, has the page that is
// asked for fetched beside what all pages share, and connects: what is read after that misses no event, and is read once. A file of its own because the Content-Security-Policy allows no inline
// script. src/lib/preferences.ts keeps the same keys.
(function () {
  var root = document.documentElement;
  var read = function (key) {
    try {
      return localStorage.getItem('tasktracker.' + key);
    } catch {
      return null; // storage is off: the defaults serve
    }
  };
  var theme = read('theme');
  var dark = theme === 'dark' || (theme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  root.classList.toggle('dark', dark);
  root.style.colorScheme = dark ? 'dark' : 'light';
  root.dataset.density = read('density') === 'comfortable' ? 'comfortable' : 'compact';
  var language = read('language') || (navigator.language || 'en').slice(0, 2);
  root.lang = language === 'uk' ? 'uk' : 'en';

  var early = { socket: new WebSocket(location.origin.replace(/^http/, 'ws') + '/ws'), frames: [] };
  early.socket.onmessage = function (event) {
    early.frames.push(event);
  };
  window.earlySocket = early; // src/live/early.ts takes it over

  var chunks = document.getElementById('chunks'); // made by the build
  if (!chunks) return;
  chunks = JSON.parse(chunks.textContent);
  var path = location.pathname.split('/');
  var page = path[1] === 'tasks' && path[2] ? 'task' : path[1] || 'dashboard';
  var texts = chunks.texts[root.lang];
  var namespaces = ['common'].concat(chunks.namespaces[page] || []);
  var tab = page === 'settings' ? page + '/' + (path[2] || 'telegram') : '';
  var files = namespaces.map(function (name) {
    return texts[name];
  });
  files = files.concat(chunks.pages[page] || [], chunks.pages[tab] || []);
  new Set(files).forEach(function (file) {
    var link = document.createElement('link');
    link.rel = 'modulepreload';
    link.href = '/' + file;
    document.head.append(link);
  });
})();

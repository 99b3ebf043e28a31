// Sets theme, density and language on <html> before the first paint, so that nothing flashes. A file of its
// own because the Content-Security-Policy allows no inline script. src/lib/preferences.ts keeps the same keys.
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
})();

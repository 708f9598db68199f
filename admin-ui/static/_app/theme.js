// Runs before the first paint, so that nobody's dark panel flashes white.
try {
  const theme = localStorage.getItem('bakend_theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // No storage: the system's theme it is.
}

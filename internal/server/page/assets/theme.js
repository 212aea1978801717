// The theme that was chosen here, before anything is painted. It is no module: those run late.
(() => {
  const chosen = localStorage.getItem('hotswap-theme');
  if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen;
})();

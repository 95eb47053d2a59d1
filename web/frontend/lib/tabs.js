/** A row of tabs or phases that is wider than the screen shows the one that somebody is at. */
for (const row of document.querySelectorAll('.tabs, .boxes, .phases')) {
  const here = row.querySelector('[aria-current]');
  if (!here || row.scrollWidth <= row.clientWidth) continue;
  const before = here.getBoundingClientRect().left - row.getBoundingClientRect().left;
  row.scrollLeft += before - (row.clientWidth - here.offsetWidth) / 2;
}
